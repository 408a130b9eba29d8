"""Cells of the tables of Fisher tests, proportions, agreement and strategies, from literal estimates."""

import pytest
from support import protocols

from recohort.analyses import estimates
from recohort.analyses import tables as build
from recohort.analyses.estimates import CELLS
from recohort.layout import table_csv
from recohort.protocol import model as protocol

PROTOCOL = """
title: A study
data: published-counts
source: {citation: Rossi A. A trial. 2024}
extract: {files: {specimens: extract.csv}, id: id, unit: specimens}
codebook:
  group: {type: category, levels: [low, high], label: cHER2 ratio}
  liver: {type: flag, label: Liver}
  ihc:   {type: category, levels: ["0", "1+", "3+"], label: HER2 IHC}
  fish:  {type: category, levels: [negative, positive], label: FISH}
  ngs:   {type: flag, label: Amplified by sequencing}
cohort: [{step: All, keep: "known(ihc)"}]
analyses:
  tropism:  {kind: fisher, label: Sites, outcomes: {liver: "yes"}, by: group, strata: ihc}
  rates:
    {kind: proportions, label: Positivity, outcome: {fish: positive}, by: ihc, pairwise: true,
     difference: true}
  accuracy: {kind: agreement, label: Sequencing against FISH, test: {ngs: "yes"}, reference: {fish: positive}}
  workup:
    {kind: strategies, label: Work-up, ihc: ihc, fish: {fish: positive}, negative: ["0"], equivocal: ["1+"],
     positive: ["3+"], ngs_sensitivity: 0.9}
"""


@pytest.fixture
def tables(tmp_path):
    """The tables of an analysis by name, from rows of the estimates and of the counts."""
    path = tmp_path / "study.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    study = protocol.read(path)

    def built(name, rows, cells=()):
        analysis = study.analyses[name]
        shared = {"study": "s", "analysis": name, "kind": analysis.kind, "population": "all"}
        only = protocols.protocol(**{**vars(study), "analyses": {name: analysis}})
        counts = [dict(zip(CELLS, (name, "all", *cell), strict=True)) for cell in cells]
        found = estimates.records(estimates.table([{**shared, **r} for r in rows]))
        return {t.name: t for t in build.tables(only, {}, {}, found, counts, 0.95)}

    return built


def texts(table):
    return [[cell.text for cell in r.cells] for r in table.rows]


def headers(table):
    return [": ".join(filter(None, [c.spanner, c.header])) for c in table.columns]


def notes_of(table):
    return " ".join(note.text for note in table.footnotes)


def test_fisher(tables):
    shared = {"outcome": "liver=yes", "term": "group", "level": "high", "reference": "low", "measure": "OR",
              "n": 96, "events": 50, "n_missing": 2, "n_no_outcome": 2, "n_no_covariate": 0,
              "n_level": 21, "events_level": 6, "status": "exact",
              "p_method": "Fisher exact"}  # fmt: skip
    (table,) = tables(
        "tropism", [{**shared, "estimate": 0.285, "ci_low": 0.08, "ci_high": 0.94, "p_value": 0.0269}]
    ).values()
    # the other group is what is left of the whole: 50 - 6 of 96 - 21
    assert texts(table) == [
        ["Liver", "6/21 (28.6)", "44/75 (58.7)", "0.29 (0.08 to 0.94)", "0.027", "2", "0"]
    ]
    assert headers(table)[1:3] == ["cHER2 ratio: high, n/N (%)", "cHER2 ratio: low, n/N (%)"]
    assert headers(table)[5:] == ["Left out, not known: Outcome", "Left out, not known: cHER2 ratio"]
    assert "odds ratio of high against low" in notes_of(table)
    (table,) = tables("tropism", [{**shared, "p_value": 1.0, "note": "an empty row or column"}]).values()
    assert texts(table)[0][3:5] == ["not estimable", ">0.999"]
    assert table.footnotes[-1].text == "An empty row or column."


def test_rates_and_their_pairs(tables):
    shared = {"outcome": "fish=positive", "term": "ihc", "n": 30, "events": 9, "n_no_outcome": 12,
              "n_no_covariate": 3}  # fmt: skip
    one = {"measure": "proportion", "estimate": 0.05}
    rows = [
        {**shared, **one, "level": "0", "n_level": 20, "events_level": 1, "ci_method": "Wilson",
         "ci_low": 0.0089, "ci_high": 0.2361},
        {**shared, **one, "level": "0", "n_level": 20, "events_level": 1, "ci_method": "Clopper-Pearson",
         "ci_low": 0.0013, "ci_high": 0.2487},
        *({**shared, "measure": "proportion", "level": "1+", "n_level": 0, "events_level": 0,
           "ci_method": method, "status": "not-estimable", "note": "nobody"}
          for method in ("Wilson", "Clopper-Pearson")),
        {**shared, "measure": "proportion", "estimate": 0.8, "level": "3+", "n_level": 10, "events_level": 8,
         "ci_method": "Wilson", "ci_low": 0.49, "ci_high": 0.943},
        {**shared, "measure": "proportion", "estimate": 0.8, "level": "3+", "n_level": 10, "events_level": 8,
         "ci_method": "Clopper-Pearson", "ci_low": 0.444, "ci_high": 0.975},
        {**shared, "measure": "OR", "model": "pairwise", "level": "3+", "reference": "0", "estimate": 76.0,
         "ci_low": 6.0, "ci_high": 960.0, "ci_method": "Woolf", "p_value": 1e-4, "p_method": "Fisher exact"},
        {**shared, "measure": "OR", "model": "pairwise, Holm", "level": "3+", "reference": "0",
         "estimate": 76.0, "ci_low": 6.0, "ci_high": 960.0, "ci_method": "Woolf", "p_value": 0.04,
         "p_method": "Fisher exact, Holm"},
    ]  # fmt: skip
    built = tables("rates", rows)
    assert list(built) == ["rates", "rates-pairs"]
    assert texts(built["rates"]) == [
        ["0", "1/20 (5.0)", "0.9 to 23.6", "0.1 to 24.9"],
        ["1+", "0/0", "–", "–"],
        ["3+", "8/10 (80.0)", "49.0 to 94.3", "44.4 to 97.5"],
        ["Left out: FISH not known", "12", "", ""],
        ["Left out: HER2 IHC not known", "3", "", ""],
    ]
    assert headers(built["rates"])[2:] == ["95% CI, % (Wilson)", "95% CI, % (Clopper-Pearson)"]
    assert texts(built["rates-pairs"]) == [
        ["3+ against 0", "76.00 (6.00 to 960.00)", "<0.001", "0.040", "Fisher exact"],
        ["Left out: FISH not known", "12", "", "", ""],
        ["Left out: HER2 IHC not known", "3", "", "", ""],
    ]
    # the pair is one comparison, those left out are none
    assert "number of comparisons in the table (1)" in notes_of(built["rates-pairs"])


def test_accuracy_with_the_counts_it_rests_on(tables):
    shared = {"outcome": "fish=positive", "term": "ngs", "level": "yes", "n": 57, "events": 3, "n_missing": 4,
              "n_no_outcome": 3, "n_no_covariate": 1}  # fmt: skip
    exact = {**shared, "ci_method": "Clopper-Pearson"}
    rows = [
        {**exact, "measure": "sensitivity", "estimate": 1.0, "ci_low": 0.2924, "ci_high": 1.0, "n_level": 3,
         "events_level": 3},
        {**exact, "measure": "specificity", "estimate": 53 / 54, "ci_low": 0.9011, "ci_high": 0.9995,
         "n_level": 54, "events_level": 53},
        {**exact, "measure": "PPV", "status": "not-estimable", "note": "nobody", "n_level": 0,
         "events_level": 0},
        {**shared, "measure": "kappa", "estimate": 0.848, "ci_low": 0.55, "ci_high": 1.146, "p_value": 1e-9},
        {**shared, "measure": "McNemar", "p_value": 1.0, "p_method": "McNemar exact"},
    ]  # fmt: skip
    cells = [
        ("ngs", "no", "fish", "negative", 53),
        ("ngs", "no", "fish", "positive", 0),
        ("ngs", "no", "fish", "", 3),
        ("ngs", "yes", "fish", "negative", 1),
        ("ngs", "yes", "fish", "positive", 3),
        ("ngs", "", "fish", "positive", 1),
    ]
    built = tables("accuracy", rows, cells)
    assert list(built) == ["accuracy-counts", "accuracy"]
    counts = built["accuracy-counts"]
    assert headers(counts) == [
        "Amplified by sequencing",
        "FISH: negative",
        "FISH: positive",
        "FISH: Missing",
        "Total",
    ]
    assert texts(counts) == [
        ["No", "53", "0", "3", "56"],
        ["Yes", "1", "3", "0", "4"],
        ["Missing", "0", "1", "0", "1"],
        ["Total", "54", "4", "3", "61"],
    ]
    assert texts(built["accuracy"]) == [
        ["Sensitivity", "3/3", "100.0 (29.2 to 100.0)", ""],
        ["Specificity", "53/54", "98.1 (90.1 to 100.0)", ""],
        ["Positive predictive value", "0/0", "not estimable", ""],
        ["Cohen's kappa", "", "0.85 (0.55 to 1.15)", "<0.001"],
        ["McNemar's exact test", "", "", ">0.999"],
        ["Left out: FISH not known", "3", "", ""],
        ["Left out: Amplified by sequencing not known", "1", "", ""],
    ]
    assert built["accuracy"].data == "Recomputed from published counts: Rossi A. A trial. 2024."


def test_strategies(tables):
    lacking = {"n_missing": 29, "n_no_outcome": 6, "n_no_covariate": 23}
    shared = {"outcome": "fish=positive", "term": "ihc", "n": 4884, "events": 951, **lacking}
    measures = {
        "FISH tests": 4884, "positives missed": 0, "FISH tests per 1,000": 1000,
        "positives missed per 1,000": 12.345,
    }  # fmt: skip
    rows = [
        {**shared, "level": "FISH for all", "measure": m, "estimate": value} for m, value in measures.items()
    ]
    (table,) = tables("workup", rows).values()
    assert headers(table) == [
        "Strategy",
        "Of 4,884 specimens: FISH tests",
        "Of 4,884 specimens: Positives missed",
        "Per 1,000 specimens: FISH tests",
        "Per 1,000 specimens: Positives missed",
    ]
    assert texts(table) == [["FISH for all", "4,884", "0", "1000.0", "12.3"]]
    assert "sensitivity of 0.9 and a specificity of 1" in notes_of(table)
    said = "Left out: 6 without FISH, 23 of the others without a level of HER2 IHC that is called negative, "
    assert said in notes_of(table)
    # each row of the CSV says so
    assert said in table_csv.text(table).splitlines()[1]


def test_of_strategies_that_need_few_tests_of_many_specimens_none_is_printed_as_0(tables):
    shared = {"outcome": "fish=positive", "term": "ihc", "n": 40000, "n_no_outcome": 0, "n_no_covariate": 0}
    measures = {"positives missed": 1, "positives missed per 1,000": 0.025}
    rows = [{**shared, "level": "IHC", "measure": m, "estimate": value} for m, value in measures.items()]
    (table,) = tables("workup", rows).values()
    assert texts(table) == [["IHC", "1", "<0.1"]]
    assert "None left out." in notes_of(table)


def test_the_odds_ratio_that_strata_have_in_common_stands_beside_the_exact_one(tables):
    shared = {"outcome": "liver=yes", "term": "group", "level": "high", "reference": "low", "measure": "OR",
              "n": 96, "events": 50, "n_missing": 2, "n_level": 21, "events_level": 6}  # fmt: skip
    exact = {**shared, "status": "exact", "estimate": 0.27, "ci_low": 0.08, "ci_high": 0.85, "p_value": 0.012}
    common = {
        **shared, "model": "stratified", "estimate": 0.31, "ci_low": 0.1, "ci_high": 0.95, "p_value": 0.04,
        "ci_method": "Robins-Breslow-Greenland", "p_method": "Mantel-Haenszel chi-square",
        "n_no_outcome": 2, "n_no_covariate": 9,
    }  # fmt: skip
    table = tables("tropism", [exact, common])["tropism"]
    assert texts(table)[0][3:7] == ["0.27 (0.08 to 0.85)", "0.012", "0.31 (0.10 to 0.95)", "0.040"]
    assert headers(table)[5:7] == ["Stratified OR (95% CI)", "p"]
    assert (
        "Stratified OR, left out: 2 without the outcome, 9 of the others without cHER2 ratio or HER2 IHC."
        in (table_csv.text(table))
    )
    assert "Stratified OR, common to the levels of HER2 IHC (Mantel-Haenszel)" in notes_of(table)
    assert "Stratified OR (95% CI)" not in headers(tables("tropism", [exact])["tropism"])


def test_the_difference_of_a_pair_stands_beside_its_odds_ratio(tables):
    shared = {"outcome": "fish=positive", "term": "ihc", "n": 150, "events": 104}
    share = {**shared, "level": "1+", "n_level": 70, "events_level": 56, "measure": "proportion",
             "ci_method": "Wilson", "estimate": 0.8, "ci_low": 0.69, "ci_high": 0.88}  # fmt: skip
    shares = [{**share, "level": level} for level in ("0", "1+", "3+")]
    pair = {**shared, "level": "1+", "reference": "0", "n_level": 70, "events_level": 56}
    odds = {**pair, "measure": "OR", "estimate": 2.67, "ci_low": 1.27, "ci_high": 5.6, "p_value": 0.008}
    raw = {**odds, "model": "pairwise", "p_method": "chi-square"}
    holm = {**odds, "model": "pairwise, Holm", "p_value": 0.024}
    difference = {**pair, "measure": "difference", "model": "pairwise", "estimate": 0.2, "ci_low": 0.05244,
                  "ci_high": 0.33386, "ci_method": "Newcombe"}  # fmt: skip
    table = tables("rates", [*shares, raw, holm, difference])["rates-pairs"]
    assert texts(table)[0][-1] == "20.0 (5.2 to 33.4)"
    assert headers(table)[-1] == "Difference, % (95% CI)"
    assert "Newcombe" in notes_of(table)
