"""What an attacker gets out of a release: nothing of a controlled one, small counts of one that is not."""

import csv
import io
import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from support import attack
from support.disclosure import EXACT, RULE

from recohort import release
from recohort.analyses import estimates
from recohort.analyses.estimate import of_stage
from recohort.analyses.summary import dictionary
from recohort.analyses.summary import numbers as summary
from recohort.base.files import write_rows
from recohort.layout.table_csv import text

CONFIDENCE = 0.95
FLAG = {"type": "flag", "positive": ["1"], "negative": ["0"]}
CODEBOOK = {
    "sex": {"type": "category", "levels": ["female", "male"], "label": "Sex"},
    "grade": {"type": "category", "levels": ["I", "II", "III"], "label": "Grade"},
    "site": {"type": "category", "levels": ["liver", "bone", "brain", "skin"], "label": "Site"},
    "test": {"type": "category", "levels": ["0", "1+", "2+", "3+"], "label": "IHC"},
    "fish": {"type": "category", "levels": ["Negative", "Equivocal", "Positive"], "label": "FISH"},
    "age": {"type": "number", "label": "Age"},
    "days": {"type": "number", "unit": "days", "label": "Follow-up"},
    "died": {**FLAG, "label": "Death"},
    "ihc_3": {"type": "flag", "derive": "test == '3+'", "label": "IHC 3+"},
    "fish_result": {
        "type": "category",
        "levels": ["Negative", "Positive"],
        "derive": {"Negative": "fish == 'Negative'", "Positive": "fish == 'Positive'"},
        "label": "FISH result",
    },
}
SECTIONS = {
    "data": "patient-level",
    "endpoints": {"os": {"label": "OS", "time": "days", "event": {"died": "yes"}, "unit": "months"}},
    "cohort": [{"step": "Grade known", "keep": "known(grade)"}],
    "populations": {
        "followed": {"label": "Followed", "steps": [{"step": "Longer than 30 days", "keep": "days > 30"}]}
    },
    "analyses": {
        "table1": {"kind": "summary", "by": "sex", "variables": ["grade", "site", "test", "fish", "age"]},
        "tests": {"kind": "summary", "by": "test", "variables": ["fish", "grade", "site"]},
        "sites": {"kind": "logistic", "outcome": {"site": "liver"}, "terms": ["sex", "grade", "age"],
                  "multivariable": "all"},
        "fish_by_test": {"kind": "proportions", "outcome": {"fish_result": "Positive"}, "by": "test"},
        "ihc_fish": {"kind": "agreement", "test": {"ihc_3": "yes"}, "reference": {"fish_result": "Positive"}},
        "sex_fish": {"kind": "fisher", "outcomes": {"fish_result": "Positive"}, "by": "sex"},
        "os": {"kind": "cox", "endpoint": "os", "terms": ["sex", "grade"], "multivariable": "all",
               "populations": ["all", "followed"]},
        "os_curve": {"kind": "curves", "endpoint": "os", "by": "sex", "times": [12, 24],
                     "populations": ["followed"]},
    },
}  # fmt: skip


def registry(seed, n=170):
    """Patients with rare levels and rare missing values in every variable, associated with each other."""
    draw = random.Random(seed)
    yield "id,sex,grade,site,test,fish,age,days,died"
    for i in range(n):
        severe = draw.random()
        values = [
            draw.choices(["female", "male"], [9, 1])[0],
            draw.choices(["I", "II", "III", ""], [12, 10, 3 * severe, 0.4])[0],
            draw.choices(["liver", "bone", "brain", "skin", ""], [9, 8, severe, 0.5, 0.5])[0],
            draw.choices(["0", "1+", "2+", "3+", ""], [4, 5, 5, 8 * severe, 1])[0],
            draw.choices(["Negative", "Equivocal", "Positive", ""], [9, 0.6, 8 * severe**2, 2])[0],
            str(draw.randrange(30, 80)) if draw.random() < 0.97 else "",
            str(draw.randrange(5, 2000)),
            str(int(draw.random() < 0.2 + severe / 2)),
        ]
        yield ",".join([f"P-{i:03d}", *values])


class Computed(NamedTuple):
    """The invented study: protocol, cohort, and the rows of its stages by path, exact."""

    path: Path
    protocol: object
    patients: pd.DataFrame
    files: dict


def computed(study, seed=1):
    made = study("\n".join(registry(seed)) + "\n", CODEBOOK, **SECTIONS)
    plan, built = made.protocol(), made.build()
    stages = [of_stage(built.patients, plan, stage, CONFIDENCE) for stage in plan.stages]
    found = estimates.joined(stages)
    files = {
        "cohort/attrition.csv": estimates.records(built.attrition),
        "survival/estimates.csv": estimates.records(estimates.table(found.rows)),
        "survival/curves.csv": found.curves,
        "contingency/counts.csv": found.counts,
    }
    return Computed(made.folder / "study.yaml", plan, built.patients, files)


BEHIND = "contingency/counts.csv", "survival/estimates.csv"


def summaries(made, rule):
    """Rows of the summaries, and of the dictionary as it is printed."""
    plan = replace(made.protocol, rule=rule)
    shown, _ = summary.summaries(plan, made.patients, *(made.files[name] for name in BEHIND))
    table = dictionary.table(plan, len(made.patients), shown.pop(""))
    numbers = summary.frame([row for rows in shown.values() for row in rows])
    printed = list(csv.DictReader(io.StringIO(text(table))))
    return {"tables/summary-numbers.csv": estimates.records(numbers), "tables/dictionary.csv": printed}


def exact(made):
    return {**made.files, **summaries(made, None)}


def controlled(made, rule=RULE):
    """As `make release` does."""
    safe = release.controlled({f"s/{path}": rows for path, rows in made.files.items()}, rule, CONFIDENCE)
    return {**{path.removeprefix("s/"): rows for path, rows in safe.items()}, **summaries(made, rule)}


COUNTS = {
    *("n", "n_unknown", "n_left", "n_missing", "n_ungrouped", "events", "n_level", "events_level"),
    *("n_no_outcome", "n_no_covariate"),
}


def each(shown, made):
    """Each count by itself as `shown` has it, whatever else is said of it, and no other number."""

    def row(r):
        ratios = dict.fromkeys({*estimates.NUMBERS} & set(r))
        return {**r, **ratios, **{name: shown(r[name]) for name in COUNTS & set(r) if r[name] is not None}}

    files = {name: rows for name, rows in exact(made).items() if name != "tables/dictionary.csv"}
    return {name: [row(r) for r in rows] for name, rows in files.items()}


def primary(n):
    return n if n > 7 else None


def rounded(n):
    return None if n <= 7 else (n + 2) // 5 * 5


@pytest.fixture
def attacked(study, tmp_path):
    """What an attacker finds in the invented study, released in some way."""

    def attacked(release_, seed=1, rounding=5, **attacker):
        made = computed(study, seed)
        for folder, files in (("exact", exact(made)), ("released", release_(made))):
            for name, rows in files.items():
                write_rows(tmp_path / folder / name, list(rows[0]), rows)
        places = tmp_path / "released", tmp_path / "exact", made.path
        return attack.leaks(*places, rounding=rounding, **attacker)

    return attacked


@pytest.mark.parametrize("seed", range(1, 6))
def test_no_small_count_is_recomputed_from_a_controlled_release(attacked, seed):
    assert attacked(controlled, seed, **attack.HOLDS) == []


@pytest.mark.parametrize("seed", [2, 3])
def test_nor_with_more_knowledge(attacked, seed):
    assert attacked(controlled, seed) == []


def test_exact_counts_are_leaks(attacked):
    found = attacked(exact, rounding=1, **attack.HOLDS)
    assert len(found) > 30 and all(line.endswith(": is shown") for line in found)


def test_withholding_only_small_counts_is_found_out_from_the_totals(attacked):
    found = attacked(partial(each, primary), rounding=1, **attack.HOLDS)
    assert len(found) > 30 and not any(line.endswith(": is shown") for line in found)


def test_totals_left_as_they_are_in_one_file_are_found_out(attacked):
    def release_(made):
        counts = [{**row, "n": primary(row["n"])} for row in made.files["contingency/counts.csv"]]
        return {**controlled(made, EXACT), "contingency/counts.csv": counts}

    assert len(attacked(release_, rounding=1, **attack.HOLDS)) > 3


def test_rounding_without_withholding_other_counts_is_found_out(attacked):
    assert len(attacked(partial(each, rounded))) > 10


def test_a_curve_shows_no_step_of_few_deaths_unless_it_is_exact(attacked, tmp_path):
    attacked(controlled)
    assert attack.steps(tmp_path / "released") == []
    assert len(attack.steps(tmp_path / "exact")) > 30
