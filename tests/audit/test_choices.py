"""Claims beside estimates: real patients are evidence, synthetic ones a check; other choices against R's."""

from functools import partial

import pandas as pd
import pytest
from numpy.testing import assert_allclose
from support.paths import ROOT

from recohort import audit
from recohort.analyses import estimates
from recohort.analyses.estimate import estimate
from recohort.audit import choices, claims, from_estimates
from recohort.base.errors import RecohortError
from recohort.cohort import build as cohort
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies

# R's coxph and survfit converged to rounding; a tail's relative error is that of its z times z squared
RTOL = 1e-8


@pytest.fixture(scope="module")
def reference():
    rows = pd.read_csv(ROOT / "tests/reference/audit.csv", comment="#", float_precision="round_trip")
    wanted = rows["case"].isin(["gbsg2", "skin"])
    return dict(rows.loc[wanted, ["quantity", "value"]].itertuples(index=False))


def fitted(name, *analyses):
    """A study's protocol, rows of estimates, and search of choices on its patients."""
    folder = ROOT / "data" / name
    study = protocol.read(folder / "study.yaml")
    prepare = folder / study.extract["prepare"] if "prepare" in study.extract else None
    frame, refused = extract.assemble(study, list(studies.locate(study, folder).values()), prepare)
    patients = cohort.build(frame, refused, study).patients
    found = []
    for analysis in map(study.analyses.get, analyses):
        found += estimate(patients, study, analysis).rows
    table = estimates.table(found)
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return study, rows, partial(choices.search, patients, study, rows)


@pytest.fixture(scope="module")
def gbsg2():
    return fitted("gbsg2", "rfs", "rfs_curve")


@pytest.fixture(scope="module")
def gim14():
    return fitted("gim14", "sites")


PAPER = """
source: {citation: invented}
groups: {all: {label: women}}
claims:
"""
TABLE = """
source: {citation: invented}
groups: {a: {label: a}, b: {label: b}}
tables: {t: {label: t, groups: [a, b]}}
claims:
"""
HORMONE = 'analysis: rfs, model: univariable, term: hormone, level: "yes"'
GRADE = "analysis: rfs, model: multivariable, term: grade, level: III, measure: HR"
MEDIAN = 'analysis: rfs_curve, level: "no", measure: median'
HR = "kind: hazard_ratio, endpoint: RFS, term: x, population: all, model: univariable"


def paper(tmp_path, *lines):
    path = tmp_path / "published.yaml"
    path.write_text(PAPER + "".join(f"  - {{{line}, where: here}}\n" for line in lines), encoding="utf-8")
    return claims.read(path)


def finding(tmp_path, gbsg2, line, data="patient-level"):
    study, rows, refit = gbsg2
    found = from_estimates.compare(paper(tmp_path, f"id: x, {line}"), rows, data, refit)
    assert len(found) == 1
    return found[0]


def test_every_number_of_r_is_reproduced_from_the_patients(gbsg2):
    study, rows, refit = gbsg2
    publication = claims.read(ROOT / "data/gbsg2/published.yaml")
    found = audit.of_study(publication, rows, study.data, refit)
    by_patients = [f for f in found if f.evidence == "patient-level"]
    assert len(by_patients) == len(publication.claims)
    assert {f.verdict for f in by_patients} == {"reproduced"}
    assert audit.counts_of(found) == f"{len(publication.claims)} claims: {len(publication.claims)} reproduced"


CHOICES = [
    (
        f"{HR}, estimate: {{analysis: rfs, model: multivariable, term: nodes}}",
        6,
        "nodes by Breslow",
        ["Breslow's ties"],
    ),
    (
        f"kind: p_value, of: hr, estimate: {{{HORMONE}}}",
        6,
        "hormone likelihood ratio p",
        ["the likelihood-ratio P"],
    ),
    (f"kind: p_value, of: hr, estimate: {{{HORMONE}}}", 6, "hormone score p", ["the score P"]),
    (f"{HR}, estimate: {{{HORMONE}}}", 4, "no hormone against hormone", ["no against yes"]),
    (f"{HR}, estimate: {{{GRADE}}}", 5, "grade III against II", ["the reference II"]),
    (
        f"{HR}, estimate: {{{GRADE}}}",
        5,
        "grade III against II by Breslow",
        ["Breslow's ties", "the reference II"],
    ),
    (
        f"kind: median, endpoint: RFS, population: all, estimate: {{{MEDIAN}}}",
        2,
        "median in months of 30 days",
        ["a month of 30 days"],
    ),
    (
        f"kind: confidence_low, of: hr, estimate: {{{MEDIAN}}}",
        2,
        "log-log lower limit of the median",
        ["a log-log interval"],
    ),
    (
        f"kind: confidence_low, of: hr, estimate: {{{MEDIAN}}}",
        2,
        "log-log lower limit of the median in months of 30 days",
        ["a log-log interval", "a month of 30 days"],
    ),
]


@pytest.mark.parametrize("line, decimals, quantity, changes", CHOICES, ids=[choice[2] for choice in CHOICES])
def test_the_smallest_set_of_changes_is_found(tmp_path, gbsg2, reference, line, decimals, quantity, changes):
    study, rows, refit = gbsg2
    hr = f'id: hr, {HR}, printed: "1.5"'
    publication = paper(tmp_path, hr, f'id: x, {line}, printed: "{reference[quantity]:.{decimals}f}"')
    (found,) = from_estimates.compare(publication, rows, "patient-level", refit)
    assert (found.verdict, found.evidence) == ("method", "patient-level")
    assert_allclose(found.recomputed, reference[quantity], rtol=RTOL, atol=0)
    for change in changes:
        assert change in found.reason
    assert "combinations of other choices" in found.search


SKIN = 'analysis: sites, model: univariable, term: skin, level: "yes"'
OR = "kind: odds_ratio, table: t, model: univariable"


@pytest.mark.parametrize(
    "line, quantity, change",
    [
        (OR, "conditional", "the conditional odds ratio"),
        ("kind: p_value, of: or, tests: [Wald]", "likelihood ratio", "the likelihood-ratio P"),
        ("kind: p_value, of: or, tests: [Wald]", "score", "the score P"),
        ("kind: p_value, of: or, tests: [Wald]", "Fisher", "Fisher's P"),
        ("kind: p_value, of: or, tests: [Wald]", "mid-p", "the mid-p P"),
        (
            "kind: p_value, of: or, tests: [Wald]",
            "chi-square with correction",
            "chi-square with continuity correction",
        ),
        ("kind: confidence_low, of: or", "profile low", "a profile-likelihood interval"),
        ("kind: confidence_high, of: or", "exact high", "the exact conditional interval"),
    ],
)
def test_choices_of_a_logistic_model_of_one_factor(tmp_path, gim14, reference, line, quantity, change):
    # the synthetic patients have the printed counts, 49 of 464 and 19 of 302: R's table "skin"
    _, rows, refit = gim14
    decimals = 4 if "p_value" in line else 3
    claim = f'id: x, {line}, printed: "{reference[quantity]:.{decimals}f}", estimate: {{{SKIN}}}'
    path = tmp_path / "published.yaml"
    lines = [f'id: or, {OR}, printed: "1.76"', claim]
    path.write_text(TABLE + "".join(f"  - {{{line}, where: here}}\n" for line in lines), encoding="utf-8")
    (found,) = from_estimates.compare(claims.read(path), rows, "patient-level", refit)
    assert found.verdict == "method"
    assert change in found.reason


def test_a_number_that_no_choice_gives_is_contradicted(tmp_path, gbsg2):
    found = finding(tmp_path, gbsg2, f'{HR}, printed: "0.45", estimate: {{{HORMONE}}}')
    assert found.verdict == "contradicted"
    assert found.reason == "The data give 0.6949, not 0.45, and no other choice within the search gives it."
    count = f'kind: count, of: all, printed: "685", estimate: {{{HORMONE}}}'
    found = finding(tmp_path, gbsg2, count)
    assert (found.verdict, found.recomputed, found.search) == ("contradicted", 686, "")


def test_cut_decimals_come_before_other_choices(tmp_path, gbsg2):
    found = finding(tmp_path, gbsg2, f'{HR}, printed: "0.694", estimate: {{{HORMONE}}}')
    assert (found.verdict, found.reason) == ("rounding", "The data give 0.69488, which is 0.694 only if cut.")


@pytest.mark.parametrize("printed, words", [("0.695", "equal by construction"), ("0.95", "not 0.95")])
def test_synthetic_patients_are_no_evidence(tmp_path, gbsg2, printed, words):
    found = finding(tmp_path, gbsg2, f'{HR}, printed: "{printed}", estimate: {{{HORMONE}}}', data="synthetic")
    assert (found.verdict, found.evidence) == ("not checkable", "synthetic")
    assert found.reason.startswith("Check of the pipeline: ")
    assert words in found.reason and found.reason.endswith("no evidence about the publication.")
    assert_allclose(found.recomputed, 0.69488432665768152, rtol=RTOL, atol=0)


def test_synthetic_evidence_leaves_the_verdict_to_the_publication(tmp_path, gbsg2):
    _, rows, _ = gbsg2
    publication = paper(tmp_path, f'id: x, {HR}, printed: "0.695", estimate: {{{HORMONE}}}')
    found = audit.of_study(publication, rows, "synthetic")
    assert [f.evidence for f in found] == ["none", "synthetic"]
    assert audit.verdicts(found) == {"x": "not checkable"}


@pytest.mark.parametrize(
    "estimate, key, words",
    [
        ("analysis: rfs, term: hormon", "claims.x.estimate.term", "Did you mean 'hormone'"),
        ("analysis: rsf", "claims.x.estimate.analysis", "Did you mean 'rfs'"),
        ("analysis: rfs, term: hormone", "claims.x.estimate", "Name more of model, level"),
        ('analysis: rfs_curve, level: "no", measure: survival', "claims.x.estimate", "Name more of at."),
        ("analysis: rfs_curve, at: 25", "claims.x.estimate.at", "no estimate has the at 25"),
    ],
)
def test_an_estimate_that_is_not_one_row_is_an_error(tmp_path, gbsg2, estimate, key, words):
    with pytest.raises(RecohortError) as error:
        finding(tmp_path, gbsg2, f'{HR}, printed: "0.7", estimate: {{{estimate}}}')
    assert error.value.where["key"] == key
    assert words in str(error.value)


def test_a_survival_is_named_by_its_time(tmp_path, gbsg2):
    line = 'estimate: {analysis: rfs_curve, level: "no", measure: survival, at: 24}'
    found = finding(tmp_path, gbsg2, f'{HR}, printed: "0.725", {line}')
    # R's survfit: tests/reference/gbsg2.csv
    assert_allclose(found.recomputed, 0.72508666557856405, rtol=RTOL, atol=0)


def test_an_estimate_that_the_study_does_not_have_is_said(tmp_path, gbsg2):
    # both occur, but not together
    line = f'{HR}, printed: "0.7", estimate: {{analysis: rfs, term: hormone, level: III}}'
    found = finding(tmp_path, gbsg2, line)
    assert (found.verdict, found.recomputed) == ("not checkable", None)


def test_the_table_of_findings_has_its_columns(gbsg2):
    study, rows, refit = gbsg2
    publication = claims.read(ROOT / "data/gbsg2/published.yaml")
    table = audit.table(publication, audit.of_study(publication, rows, study.data, refit))
    assert all(list(row) == audit.COLUMNS for row in table)
    hormone = next(row for row in table if row["claim"] == "hormone_alone_hr")
    assert hormone["what"] == "hazard ratio of hormone therapy for RFS, women"
    assert (hormone["study"], hormone["printed"], hormone["verdict"]) == ("gbsg2", "0.695", "reproduced")
