"""What is printed in the cells of the tables of small literal estimates."""

import csv as text_csv
import io
from dataclasses import replace

import pytest
from support.tables import found, notes_of, patients_frame, read, sites_table, tables_of, texts

from recohort.analyses import tables as build
from recohort.analyses.estimate import estimate
from recohort.layout import table_csv, table_html, words


@pytest.fixture
def study(tmp_path):
    return read(tmp_path, "synthetic")


@pytest.fixture
def sites(study):
    return sites_table(study)


@pytest.fixture
def patients():
    return patients_frame()


def test_univariable_beside_multivariable(sites):
    assert texts(sites) == [
        ["Liver <script>alert(1)</script>", "", "", "", "", "", ""],
        ["No", "500", "320 (64.0)", "1 (reference)", "", "1 (reference)", ""],
        # 0.705 is half-way and goes up, as people round
        ["Yes", "200", "100 (50.0)", "0.71 (0.51 to 0.97)", "0.031", "0.62 (0.45 to 0.86)", "0.004"],
        ["Missing", "66", "", "", "", "", ""],
        ["Grade", "", "", "", "0.200", "", ""],
        ["I", "100", "60 (60.0)", "1 (reference)", "", "–", ""],
        ["II", "590", "350 (59.3)", "4.20 (1.20 to 15.00)", "<0.001", "–", ""],
        ["III", "10", "10 (100.0)", "not estimable", "", "–", ""],
        ["Age, per 10 years", "700", "420 (60.0)", "1.01 (0.90 to 1.12)", ">0.999", "–", ""],
        ["In the multivariable model", "700", "420 (60.0)", "", "", "", ""],
        ["Left out: a term or stratum of it not known", "66", "", "", "", "", ""],
        ["Left out: HER2 IHC not known", "34", "", "", "", "", ""],
    ]
    assert [(c.spanner, c.header) for c in sites.columns] == [
        ("", ""),
        ("", "n"),
        ("", "HER2 IHC 3+, n (%)"),
        ("Univariable", "OR (95% CI)"),
        ("Univariable", "p"),
        ("Multivariable", "OR (95% CI)"),
        ("Multivariable", "p"),
    ]
    assert sites.spanners == [("", 3), ("Univariable", 2), ("Multivariable", 2)]


def test_a_table_names_its_methods_and_its_model(sites):
    said = notes_of(sites)
    assert "OR, odds ratio; CI, confidence interval." in said
    assert "Interval: Wald; p: Wald test." in said
    assert "likelihood ratio test over all its levels" in said
    assert "terms with a univariable p below 0.05;" in said
    assert "Multivariable model: n = 700, 420 events." in said


def test_a_selection_that_chose_nothing_is_said(study):
    row = {"analysis": "sites", "kind": "logistic", "outcome": "ihc=3+", "population": "all",
           "measure": "OR", "model": "univariable", "term": "age", "n": 9, "events": 5, "estimate": 1.1,
           "p_value": 0.6}  # fmt: skip
    table = tables_of(study, "sites", found(row))["sites"]
    assert [c.spanner for c in table.columns] == [""] * 5
    assert "No multivariable model: no term has a univariable p below 0.05." in notes_of(table)


def test_what_is_not_estimable_or_penalised_has_its_reason_below(sites):
    marked = {note.mark: note.text for note in sites.footnotes if note.mark}
    cells = {cell.text: cell.mark for r in sites.rows for cell in r.cells}
    assert marked[cells["not estimable"]] == "Nobody without the outcome."
    assert marked[cells["4.20 (1.20 to 15.00)"]] == (
        "Firth's penalised likelihood; interval by profile penalised likelihood, p by penalised likelihood "
        "ratio test. Grade III separates the outcome."
    )


def test_a_cox_table_for_each_population(study):
    shared = {"analysis": "os", "kind": "cox", "outcome": "os", "model": "univariable", "term": "liver",
              "reference": "no", "n": 9, "events": 5, "n_missing": 0, "measure": "HR"}  # fmt: skip
    rows = [
        {**shared, "population": population, "level": level, "n_level": 4, "events_level": 2, "estimate": 1.0}
        for population in ("all", "ihc_3")
        for level in ("no", "yes")
    ]
    built = tables_of(study, "os", found(*rows))
    assert list(built) == ["os", "os-ihc_3"]
    assert built["os-ihc_3"].title == "Survival: IHC 3+ (hazard ratios)"
    assert [c.header for c in built["os"].columns] == ["", "n", "Events, n (%)", "HR (95% CI)", "p"]
    assert "ties: Breslow" in notes_of(built["os"])


def test_curves(study):
    shared = {"analysis": "os_curve", "kind": "curves", "outcome": "os", "population": "all", "term": "ihc",
              "n_no_outcome": 5, "n_no_covariate": 0}  # fmt: skip
    two = {**shared, "level": "2+", "n_level": 302, "events_level": 151, "ci_method": "log"}
    three = {**shared, "level": "3+", "n_level": 40, "events_level": 10, "ci_method": "log"}
    year = {"measure": "survival", "at": 12.0, "at_unit": "months"}
    rows = [
        {**two, "measure": "median", "estimate": 33.25, "ci_low": 30.0, "ci_high": 37.5},
        {**two, **year, "estimate": 0.845, "ci_low": 0.8, "ci_high": 0.9},
        {**two, **year, "at": 24.0, "estimate": 0.6, "ci_low": 0.55, "ci_high": 0.65},
        {**three, "measure": "median", "ci_low": 50.0, "note": "not reached"},
        {**three, **year, "estimate": 0.9, "ci_low": 0.8, "ci_high": 1.0},
        {**three, **year, "at": 24.0, "status": "not-estimable",
         "note": "beyond the last follow-up"},
        {**shared, "measure": "logrank", "p_value": 0.0312, "p_method": "log-rank", "df": 1.0},
    ]  # fmt: skip
    table = tables_of(study, "os_curve", found(*rows))["os_curve"]
    assert texts(table) == [
        ["HER2 IHC", "", "", "", "", "", "0.031"],
        ["2+", "302", "151 (50.0)", "33.3 (30.0 to 37.5)", "84.5 (80.0 to 90.0)", "60.0 (55.0 to 65.0)", ""],
        ["3+", "40", "10 (25.0)", "not reached (50.0 to not reached)", "90.0 (80.0 to 100.0)",
         "not estimable", ""],
        ["Left out: Overall survival not known", "5", "", "", "", "", ""],
        ["Left out: HER2 IHC not known", "0", "", "", "", "", ""],
    ]  # fmt: skip
    assert "Beyond the last follow-up." in notes_of(table)


def test_a_curve_whose_risk_set_was_empty_early_has_a_footnote(study):
    shared = {"analysis": "os_curve", "kind": "curves", "outcome": "os", "population": "all", "term": "ihc"}
    early = "all then under observation had the event before others entered: 0 from then on"
    counts = {"n_level": 40, "events_level": 10, "ci_method": "log", "measure": "median"}
    rows = [
        {**shared, **counts, "level": "2+", "estimate": 3.0, "ci_low": 2.0, "note": early},
        {**shared, **counts, "level": "3+", "note": f"not reached; {early}"},
        {**shared, "measure": "logrank", "p_value": 0.5, "p_method": "log-rank", "df": 1.0},
    ]
    table = tables_of(study, "os_curve", found(*rows))["os_curve"]
    assert [line[3] for line in texts(table)[1:]] == ["3.0 (2.0 to not reached)", "not reached"]
    assert early[0].upper() + early[1:] + "." in notes_of(table)


def test_endpoints_are_counted(study, patients):
    assert build.endpoints(study, patients) == [{"label": "Overall survival", "n": 7, "events": 3}]


def test_an_endpoint_is_counted_where_it_is_analysed(study, patients):
    analyses = {
        name: replace(analysis, populations=("ihc_3",)) if "endpoint" in analysis.options else analysis
        for name, analysis in study.analyses.items()
    }
    few = patients.assign(in_ihc_3=patients.index < 2)
    known = few.loc[few["in_ihc_3"], "os_time_days"].notna().sum()
    (found,) = build.endpoints(replace(study, analyses=analyses), few)
    assert found["n"] == known < 7
    assert found["label"] == f"Overall survival ({study.populations['ihc_3'].label})"


def test_words(study):
    assert words.outcome(study.codebook, "dead=yes") == "Death"
    assert words.outcome(study.codebook, "dead=no") == "Death: no"
    assert words.outcome(study.codebook, "ihc=3+") == "HER2 IHC 3+"
    assert words.term(study.codebook["ratio"]) == "Ratio, per unit"
    assert words.interval(0.9) == "90% CI"


def test_a_ratio_of_too_small_a_step_has_its_digits_and_a_hint_in_every_format(study):
    shared = {"analysis": "sites", "kind": "logistic", "outcome": "ihc=3+", "population": "all",
              "model": "univariable", "n": 9, "events": 5, "measure": "OR"}  # fmt: skip
    near = {"estimate": 1.0012, "ci_low": 1.0004, "ci_high": 1.002, "p_value": 1e-5}
    rows = [
        {**shared, **near, "term": "age"},
        # a level has no step
        {**shared, "term": "liver", "level": "no", "reference": "no", "estimate": 1.0},
        {**shared, **near, "term": "liver", "level": "yes", "reference": "no"},
    ]
    table = tables_of(study, "sites", found(*rows))["sites"]
    cells = {r.cells[0].text: r.cells[3] for r in table.rows}
    assert cells["Age, per 10 years"].text == cells["Yes"].text == "1.0012 (1.0004 to 1.0020)"
    assert cells["Age, per 10 years"].mark and not cells["Yes"].mark
    printed = list(text_csv.DictReader(io.StringIO(table_csv.text(table))))
    (said,) = {r["Notes"] for r in printed if r["Variable"].startswith("Age")}
    assert "per: in the codebook" in said
    assert said in next(table_html.pages([table]))[1]


def test_a_curve_counts_those_without_follow_up_and_the_others_without_a_group(study, patients):
    # the last patient has no ihc
    patients.loc[[0, 6], "os_time_days"] = None
    rows = estimate(patients, study, study.analyses["os_curve"]).rows
    assert {(r["n"], r["n_missing"], r["n_no_outcome"], r["n_no_covariate"]) for r in rows} == {(5, 2, 2, 0)}
    patients.loc[6, "os_time_days"] = 10.0
    rows = estimate(patients, study, study.analyses["os_curve"]).rows
    assert {(r["n"], r["n_missing"], r["n_no_outcome"], r["n_no_covariate"]) for r in rows} == {(5, 2, 1, 1)}
