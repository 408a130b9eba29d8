"""Odds ratios and tests of many tables against R; the exclusion search against trying all one by one."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import fisher_exact
from support.paths import REFERENCE

from recohort import audit
from recohort.audit import associations, claims, comparisons, counts, exclusions
from recohort.audit.claims import Quantity

CASES = ["skin", "few_sites", "fish", "small"]
# closed formulas: the difference left is rounding; R's iteration stops within 1e-13 in deviance
RTOL = 1e-9
# R's fisher.test solves for the odds ratio and its limits with uniroot's default tolerance, 1e-4
RTOL_SOLVED = 3e-3
# R's anova takes the score from the last step of an iteration that had not quite stopped
RTOL_SCORE = 1e-6
# R's confint.glm interpolates a profile of a few points with a spline
RTOL_PROFILE = 1e-3


@pytest.fixture(scope="module")
def reference():
    path = REFERENCE / "audit.csv"
    rows = pd.read_csv(path, comment="#", float_precision="round_trip")
    return {(case, quantity): value for case, quantity, value in rows.itertuples(index=False)}


@pytest.fixture(scope="module")
def tables(reference):
    return associations.two_by_two(
        *([reference[case, q] for case in CASES] for q in ("with_1", "n_1", "with_2", "n_2"))
    )


def expected(reference, quantity):
    return [reference[case, quantity] for case in CASES]


@pytest.mark.parametrize("test", [*associations.TESTS, "score"])
def test_p_values_are_those_of_r(reference, tables, test):
    # chi-square is the score test of logistic regression
    found = associations.TESTS["chi-square" if test == "score" else test](tables)
    rtol = RTOL_SCORE if test == "score" else RTOL
    assert_allclose(found, expected(reference, test), rtol=rtol, atol=0)


def test_odds_ratios_and_limits_are_those_of_r(reference, tables):
    assert_allclose(associations.sample_odds_ratio(tables), expected(reference, "sample"), rtol=RTOL, atol=0)
    assert_allclose(associations.std_error(tables), expected(reference, "std_error"), rtol=RTOL, atol=0)
    conditional = associations.conditional_odds_ratio(tables)
    assert_allclose(conditional, expected(reference, "conditional"), rtol=RTOL_SOLVED, atol=0)
    limits = [("Wald", RTOL), ("profile likelihood", RTOL_PROFILE), ("exact conditional", RTOL_SOLVED)]
    for name, rtol in limits:
        found = associations.LIMITS[name](tables)
        for side, label in enumerate(["low", "high"]):
            assert_allclose(
                found[:, side], expected(reference, f"{name.split()[0]} {label}"), rtol=rtol, atol=0
            )


def test_tables_of_any_shape_and_impossible_ones(tables):
    stacked = np.stack([tables, tables])[None]
    for test in associations.TESTS.values():
        assert_allclose(test(stacked), np.broadcast_to(test(tables), (1, 2, 4)), rtol=1e-15, atol=0)
    impossible = associations.two_by_two([5, 3], [4, 4], [1, 0], [9, 9])
    assert associations.possible(impossible).tolist() == [False, True]
    for test in [associations.fisher_p, associations.mid_p, associations.conditional_odds_ratio]:
        assert np.isnan(test(impossible)[0])
    # an empty cell has no Wald test
    assert np.isnan(associations.wald_p(impossible[1:]))[0]
    assert_allclose(
        associations.fisher_p(impossible[1:]), fisher_exact(impossible[1]).pvalue, rtol=1e-12, atol=0
    )


PAPER = """
source: {citation: invented}
groups:
  all: {label: everybody, parts: [new, old]}
  new: {label: new}
  old: {label: old}
tables:
  cured: {label: cured, groups: [new, old]}
  relapsed: {label: relapsed, groups: [new, old]}
claims:
  - {id: new_n, kind: count, of: new, printed: "%d", where: here}
  - {id: old_n, kind: count, of: old, printed: "%d", where: here}
"""


def paper(tmp_path, sizes, *lines):
    path = tmp_path / "published.yaml"
    path.write_text(
        PAPER % sizes + "".join(f"  - {{{line}, where: here}}\n" for line in lines), encoding="utf-8"
    )
    return claims.read(path)


def percentages(table, total, first, second):
    return [
        f'id: {table}_n, kind: count, of: {table}, printed: "{total}"',
        f'id: {table}_new, kind: percent, part: {table}.new, whole: {table}, printed: "{first}"',
        f'id: {table}_old, kind: percent, part: {table}.old, whole: {table}, printed: "{second}"',
    ]


def test_all_tables_that_print_the_same_are_found(tmp_path):
    publication = paper(tmp_path, (464, 302), *percentages("cured", 227, "55", "45"))
    found = counts.possible(publication, "cured")
    new, old = (found.of(Quantity("cured", group)).tolist() for group in ("new", "old"))
    tried = [
        (k, 227 - k)
        for k in range(228)
        if k <= 464
        and 227 - k <= 302
        and f"{100 * k / 227:.0f}" == "55"
        and f"{100 * (227 - k) / 227:.0f}" == "45"
    ]
    assert sorted(zip(new, old, strict=True)) == tried == [(124, 103), (125, 102)]
    assert found.cuts.tolist() == [0, 0]
    assert found.of(Quantity("new")).tolist() == [464, 464]


def test_splits_of_groups_without_a_size_are_all_found(tmp_path):
    path = tmp_path / "published.yaml"
    path.write_text(
        """
source: {citation: invented}
groups:
  all: {label: all, parts: [a, b, c]}
  a: {label: a}
  b: {label: b}
  c: {label: c}
tables:
  ill: {label: ill, groups: [a, b, c]}
claims:
  - {id: n, kind: count, of: all, printed: "60", where: here}
  - {id: a, kind: percent, part: ill.a, whole: a, printed: "20.0", where: here}
  - {id: b, kind: percent, part: ill.b, whole: b, printed: "44.4", where: here}
  - {id: c, kind: percent, part: not ill.c, whole: c, printed: "8.3", where: here}
""",
        encoding="utf-8",
    )
    found = counts.possible(claims.read(path), "ill")
    sizes = [found.of(Quantity(group)) for group in "abc"]
    with_it = [found.of(Quantity("ill", group)) for group in "abc"]
    ours = {tuple(map(int, row)) for row in zip(*sizes, *with_it, found.cuts == 0, strict=True)}
    tried = set()
    for n_a, n_b in product(range(1, 60), repeat=2):
        n_c = 60 - n_a - n_b
        if n_c >= 1:
            ill = [
                [k for k in range(n + 1) if f"{100 * k / n:.1f}" == text]
                for n, text in ((n_a, "20.0"), (n_b, "44.4"))
            ]
            well = [k for k in range(n_c + 1) if f"{100 * k / n_c:.1f}" == "8.3"]
            tried |= {(n_a, n_b, n_c, x, y, n_c - z, 1) for x, y, z in product(*ill, well)}
    assert tried == {row for row in ours if row[-1]}
    assert len(tried) == 2


def claims_of(table, missing, k, sizes, name, decimals=2):
    """What a paper prints of a table from which some patients without the feature are missing."""
    reduced = np.array([[k[0], sizes[0] - missing[0] - k[0]], [k[1], sizes[1] - missing[1] - k[1]]], float)
    ratio, p = associations.sample_odds_ratio(reduced), associations.wald_p(reduced)
    return [
        *percentages(table, sum(k), *(f"{100 * x / sum(k):.0f}" for x in k)),
        f'id: {name}, kind: odds_ratio, table: {table}, model: univariable, printed: "{ratio:.{decimals}f}"',
        f'id: {name}_p, kind: p_value, of: {name}, tests: [Wald], printed: "{p:.{decimals + 1}f}"',
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_search_is_exact_and_complete(tmp_path, seed):
    random = np.random.default_rng(seed)
    sizes = tuple(int(n) for n in random.integers(90, 160, size=2))
    planted = tuple(int(m) for m in random.integers(0, 6, size=2))
    lines = [
        line
        for table, name in (("cured", "x"), ("relapsed", "y"))
        for line in claims_of(table, planted, [int(random.integers(15, 60)) for _ in "ab"], sizes, name)
    ]
    publication = paper(tmp_path, sizes, *lines)
    found = {c.table.name: c for c in comparisons.find(publication).values()}
    search = exclusions.search(list(found.values()))
    bounds = [n // 10 for n in sizes]
    scores = {}
    for missing in product(*(range(bound + 1) for bound in bounds)):
        scores[missing] = sum(best_of_tables(comparison, missing) for comparison in found.values())
    best = max(scores.values())
    if search is None:
        # every claim holds with nobody missing
        assert scores[0, 0] == best == 4
        return
    assert search.bounds == tuple(bounds)
    assert len(search.reconciled) == best == scores[search.missing] == 4
    smallest = min(sum(missing) for missing, score in scores.items() if score == best)
    assert sum(search.missing) == smallest <= sum(planted)
    assert search.alternatives == sum(score == best and sum(m) == smallest for m, score in scores.items())
    assert len(search.before) == scores[0, 0]
    assert search.tables == len(scores) * sum(len(c.tables) for c in found.values())


def best_of_tables(comparison, missing):
    """The most claims that hold on one table, one table and one claim at a time."""
    best = 0
    for table in comparison.tables:
        one = table - np.array([[0, missing[0]], [0, missing[1]]])
        held = 0
        for claim in comparison.claims:
            value = float(
                associations.sample_odds_ratio(one)
                if claim.kind == "odds_ratio"
                else associations.wald_p(one)
            )
            held += f"{value:.{claim.number.decimals}f}" == claim.printed
        best = max(best, held)
    return best


def test_planted_missing_patients_are_found_and_said(tmp_path):
    sizes, missing = (300, 200), (4, 7)
    publication = paper(
        tmp_path,
        sizes,
        *claims_of("cured", missing, (120, 60), sizes, "x", 4),
        *claims_of("relapsed", missing, (61, 55), sizes, "y", 4),
    )
    found = {f.claim.id: f for f in audit.findings(publication)}
    for claim in ("x", "x_p", "y", "y_p"):
        assert found[claim].verdict == "denominator", claim
        assert "With 4 patients of new and 7 patients of old missing" in found[claim].reason
        assert "reconciles 4 of 4 claims" in found[claim].reason
        assert "0 to 30 and 0 to 20 patients missing" in found[claim].search
    assert found["x"].recomputed == pytest.approx((120 / 176) / (60 / 133), rel=1e-12)


def test_missing_patients_beyond_the_bounds_are_not_an_explanation(tmp_path):
    sizes = (300, 200)
    lines = claims_of("cured", (45, 0), (61, 55), sizes, "x")
    found = {f.claim.id: f.verdict for f in audit.findings(paper(tmp_path, sizes, *lines))}
    assert found["x"] == found["x_p"] == "contradicted"
