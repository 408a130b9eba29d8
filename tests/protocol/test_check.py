"""What a protocol cannot mean: each mistake is refused with its key and the nearest right spelling."""

import copy

import pytest
from support.sound_protocol import REMOVED, SOUND, refused


def test_the_sound_protocol_is_sound(study):
    assert study(**copy.deepcopy(SOUND)).protocol().stages == ["logistic", "survival", "contingency"]


NEW = "codebook.new"
OS = "endpoints.os"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        # keys
        ("cohrot", [], "unknown key 'cohrot'. Did you mean 'cohort'?"),
        ("extract.seperator", ";",
         "key extract: unknown key 'seperator'. Known: files, joins, prepare, id, id_same, unit, missing."),
        ("codebook.age.rnage", [1, 2], "key codebook.age: unknown key 'rnage'. Did you mean 'range'?"),
        ("codebook.age.label", REMOVED, "key codebook.age: the key 'label' is missing. Add it."),
        ("codebook.age.type", "nmuber",
         "key codebook.age.type: 'nmuber' is not one of the choices. Did you mean 'number'?"),
        ("analyses.model.tise", "efron", "key analyses.model: unknown key 'tise'. Did you mean 'ties'?"),
        ("analyses.model.ties", "exact",
         "key analyses.model.ties: 'exact' is not one of the choices. Known: efron, breslow."),
        ("analyses.model.kind", "coxx",
         "key analyses.model.kind: 'coxx' is no kind of analysis. Did you mean 'cox'?"),
        ("analyses.model.kind", "rates",
         "key analyses.model.kind: the kind 'rates' is now 'proportions'. Write 'proportions'."),
        ("codebook.Age", {"type": "number", "label": "A"},
         "key codebook: 'Age' is not a name. Use lower-case letters, digits and underscores, a letter "
         "first."),
        ("extract.missing.0", 9999,
         "key extract.missing.0: 9999 is not of type string. Correct the value. Put it in quotes."),
        # files and joins
        ("extract.joins.0.file", "patient",
         "key extract.joins.0.file: 'patient' is not a file to join to the first. Did you mean 'patients'?"),
        ("extract.joins.0.file", "registry",
         "key extract.joins.0.file: 'registry' is not a file to join to the first. Known: patients."),
        ("extract.joins.1", {"file": "patients", "on": "id", "how": "one-to-one"},
         "key extract.joins: 'patients' is there twice. Rename or remove one of them."),
        ("extract.files.labs", "labs.csv",
         "key extract.files.labs: is neither joined nor prepared. Add it to extract.joins."),
        ("extract.files.registry", {"path": "a.csv", "raw": "a.csv"},
         "key extract.files.registry: needs either path or raw. Give one of them."),
        ("extract.files.registry", {"separator": ";"},
         "key extract.files.registry: needs either path or raw. Give one of them."),
        # codebook
        ("codebook.old.column", "OLD",
         "key codebook.old: has more than one of column, derive and guideline. Keep one of them."),
        ("codebook.ihc.levels", REMOVED,
         "key codebook.ihc: is a category without levels. List its levels in order."),
        ("codebook.age.levels", ["a"], "key codebook.age.levels: has no meaning for a number. Remove it."),
        ("codebook.ihc.range", [0, 3], "key codebook.ihc.range: has no meaning for a category. Remove it."),
        ("codebook.note.decimal", ",", "key codebook.note.decimal: has no meaning for a text. Remove it."),
        ("codebook.cns.levels", ["yes", "no"],
         "key codebook.cns.levels: a flag has the levels no and yes. Make it a category or remove them."),
        ("codebook.old.missing", ["9"],
         "key codebook.old.missing: is for text from a column. Remove it, or write it into the rule."),
        ("codebook.ihc.reference", "2", "key codebook.ihc.reference: '2' is not a level. Did you mean '2+'?"),
        ("codebook.ihc.recode.2", "2++",
         "key codebook.ihc.recode.2: '2++' is not a level. Did you mean '2+'?"),
        ("codebook.cns.recode", {"M1": "1"},
         "key codebook.cns.recode.M1: '1' is not a level. Known: no, yes."),
        ("codebook.age.recode", {"old": "ninety"},
         "key codebook.age.recode.old: 'ninety' is not a number. Correct it, or null for missing."),
        ("codebook.age.recode", {"old": "190"},
         "key codebook.age.recode.old: '190' is outside the range 18 to 110. Correct it, or null for "
         "missing."),
        ("codebook.age.recode", {"old ": "90"},
         "key codebook.age.recode.old : has a space at an end, which no text has here. Remove it."),
        ("codebook.cns.negative", ["Y"],
         "key codebook.cns.positive: 'y' is among the negative too. Remove it from one of them."),
        ("codebook.age.range", [110, 18],
         "key codebook.age.range: begins at 110 above its end 18. Turn it round."),
        ("codebook.age.range", ["18", "110"],
         "key codebook.age.range: 18 to 110 is not a range of numbers. Such as [18, 110]."),
        ("codebook.dx.range", [1990, 2026],
         "key codebook.dx.range: 1990 to 2026 is not a range of dates. Such as [1990-01-01, 2026-12-31]."),
        ("codebook.dx.range", ["1990-1-1", "2026-12-31"],
         "key codebook.dx.range: 1990-1-1 to 2026-12-31 is not a range of dates. Such as [1990-01-01, "
         "2026-12-31]."),
        ("codebook.dx.formats", ["DD/MM/YYYY"],
         "key codebook.dx.formats: 'DD/MM/YYYY' is not the format of a date. Such as %d/%m/%Y."),
        ("codebook.last.formats", ["%d.%m.%y"],
         "key codebook.last.range: years of two digits need one, to tell 1945 from 2045. Add it."),
        ("codebook.dx.formats", ["%Y-%m-%d %Y"],
         "key codebook.dx.formats: '%Y-%m-%d %Y' is not the format of a date. Such as %d/%m/%Y."),
        # strptime would read every week as 1 January
        ("codebook.dx.formats", ["%Y-%W"],
         "key codebook.dx.formats: '%Y-%W' is not the format of a date. Such as %d/%m/%Y."),
        ("codebook.dx.formats", ["%d/%m"],
         "key codebook.dx.formats: '%d/%m' is not the format of a date. Such as %d/%m/%Y."),
        ("codebook.row", {"type": "text", "label": "R"},
         "key codebook.row: is a name that the cohort's table keeps for itself. Rename it."),
        ("codebook.os_event", {"type": "text", "label": "R"},
         "key codebook.os_event: is a name that the cohort's table keeps for itself. Rename it."),
        ("codebook.in_three", {"type": "text", "label": "R"},
         "key codebook.in_three: is a name that the cohort's table keeps for itself. Rename it."),
        # codes for missing that are values somewhere
        ("extract.missing", ["99"],
         "key extract.missing: '99' means missing in every column, and is a value of age."),
        ("extract.missing", ["0"],
         "key extract.missing: '0' means missing in every column, and is a value of ihc."),
        ("extract.missing", ["N"],
         "key extract.missing: 'N' means missing in every column, and is a value of cns."),
        ("extract.missing", ["1900-01-01"],
         "key extract.missing: '1900-01-01' means missing in every column, and is a value of last."),
        # derived
        (NEW, {"type": "flag", "derive": "ag > 65", "label": "N"},
         "key codebook.new.derive: 'ag' is not a variable. Did you mean 'age'?"),
        ("codebook.old.derive", "old",
         "key codebook.old.derive: 'old' is not a variable. Known: ihc, cns, dead, age, months, ratio, dx, "
         "last, note, high."),
        (NEW, {"type": "category", "levels": ["a"], "derive": "age", "label": "N"},
         "key codebook.new.derive: a category is not derived so. A category: level: condition; else: "
         "expression."),
        (NEW, {"type": "flag", "derive": {"yes": "age > 1"}, "label": "N"},
         "key codebook.new.derive: a flag is not derived so. A category: level: condition; else: "
         "expression."),
        ("codebook.high.derive.medium", "ratio == 2",
         "key codebook.high.derive: 'medium' is not a level. Known: low, high."),
        ("codebook.high.derive", {"low": "ratio < 2"},
         "key codebook.high.derive: 'high' is not given a condition. Known: low."),
        (NEW, {"type": "number", "derive": "ihc", "label": "N"},
         "key codebook.new.derive: text is derived for a number. Correct the type or the expression."),
        (NEW, {"type": "number", "derive": "age > 1", "label": "N"},
         "key codebook.new.derive: a condition is derived for a number. Correct the type or the expression."),
        (NEW, {"type": "date", "derive": "last - dx", "label": "N"},
         "key codebook.new.derive: a number is derived for a date. Correct the type or the expression."),
        (NEW, {"type": "text", "derive": "note", "label": "N"},
         "key codebook.new.derive: text is derived for a text. Correct the type or the expression."),
        ("codebook.group.guideline.rules", "asco-cap-2108",
         "key codebook.group.guideline.rules: 'asco-cap-2108' is not a guideline. Did you mean "
         "'asco-cap-2018'?"),
        ("codebook.group.guideline.ratio", REMOVED,
         "key codebook.group.guideline: needs ratio and copies, or group and ihc. Name the variables."),
        ("codebook.group.guideline.ratio", "ihc",
         "key codebook.group.guideline.ratio: 'ihc' is a category, not a number. Name another."),
        ("codebook.group.guideline.ratio", "rat",
         "key codebook.group.guideline.ratio: 'rat' is not an earlier variable. Did you mean 'ratio'?"),
        # endpoints
        (f"{OS}.event", {"dead": "1"},
         "key endpoints.os.event.dead: '1' is not a level of dead. Known: no, yes."),
        (f"{OS}.event", {"age": "1"},
         "key endpoints.os.event: 'age' is a number. Name a category or a flag."),
        (f"{OS}.end", REMOVED, "key endpoints.os: needs either start and end, or time. Give one of them."),
        (f"{OS}.time", "months", "key endpoints.os: needs either start and end, or time. Give one of them."),
        ("endpoints.pfs.time", REMOVED,
         "key endpoints.pfs: needs either start and end, or time. Give one of them."),
        (f"{OS}.start", "age", "key endpoints.os.start: 'age' is a number, not a date. Name another."),
        (f"{OS}.entry", "months", "key endpoints.os.entry: 'months' is a number, not a date. Name another."),
        ("endpoints.pfs.time", "age",
         "key codebook.age.unit: a time needs a unit. Give days, weeks, months or years."),
        (f"{OS}.unit", "hours",
         "key endpoints.os.unit: 'hours' is not one of the choices. Known: days, weeks, months, years."),
        # conditions
        ("cohort.0.keep", "ihc == ",
         "key cohort.0.keep: 'ihc == ' does not parse (invalid syntax)."),
        ("cohort.0.keep", "len(ihc) > 1",
         "key cohort.0.keep: 'len(ihc) > 1': there is no function 'len'."),
        ("cohort.0.keep", "ich == '2+'", "key cohort.0.keep: 'ich' is not a variable. Did you mean 'ihc'?"),
        ("cohort.0.keep", "ihc in ('2+', '3')",
         "key cohort.0.keep: '3' is not a level of ihc. Did you mean '3+'?"),
        ("cohort.0.keep", "cns == 'Yes'",
         "key cohort.0.keep: 'Yes' is not a level of cns. Did you mean 'yes'?"),
        ("cohort.0.keep", "ihc",
         "key cohort.0.keep: 'ihc' is not a condition: a flag alone is a condition, another text needs a "
         "comparison."),
        ("cohort.0.keep", "dx > '01/02/2020'",
         "key cohort.0.keep: \"dx > '01/02/2020'\" mixes what does not go together: '01/02/2020' is not a "
         "date like '2020-01-31'."),
        ("cohort.0.first", ["dx"],
         "key cohort.0: {'step': 'IHC known', 'keep': 'known(ihc)', 'first': ['dx']} has none of the forms "
         "allowed. "
         "A step has either keep, or first and per."),
        ("cohort.1.per", "pateint",
         "key cohort.1: 'pateint' is not a variable. Known: ihc, cns, dead, age, months, ratio, dx, last, "
         "note, high, old, group."),
        ("cohort.1.step", "IHC known",
         "key cohort: 'IHC known' is there twice. Rename or remove one of them."),
        ("checks.1", {"check": "death before diagnosis", "require": "age > 1"},
         "key checks: 'death before diagnosis' is there twice. Rename or remove one of them."),
        ("checks.0.require", "age + 1",
         "key checks.death before diagnosis: 'age + 1' is not a condition: a number is neither true nor "
         "false."),
        ("populations.three.steps.0.keep", "ihc == '4+'",
         "key populations.three.0.keep: '4+' is not a level of ihc. Known: 0, 1+, 2+, 3+."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)


def test_the_levels_of_alternatives_are_checked(study):
    text = "coalesce(ihc, cns) == 'yess'"
    said = refused(study, "cohort.0.keep", text)
    assert said.startswith("key cohort.0.keep: 'yess' is not a level of ihc or cns. Did you mean 'yes'?")


def test_a_code_for_missing_may_be_a_value_where_the_variable_says_so_itself(study):
    sections = copy.deepcopy(SOUND)
    sections["extract"]["missing"] = ["99"]
    sections["codebook"]["age"]["missing"] = ["99"]
    sections["codebook"]["months"]["range"] = [0, 98]
    assert study(**sections).protocol().missing == {"99"}
