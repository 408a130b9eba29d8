"""Verdicts on invented papers: each kind of claim, right and with a planted error."""

import pytest
from support.papers import COUNTS, GROUPS, SIZES, paper

from recohort import audit


def audited(tmp_path, *lines, groups=GROUPS):
    return {finding.claim.id: finding for finding in audit.check(paper(tmp_path, *lines, groups=groups))}


def one(tmp_path, line, among=COUNTS, groups=GROUPS):
    """The finding on the claim x beside others."""
    return audited(tmp_path, *among, f"id: x, {line}", groups=groups)["x"]


def test_sums_of_counts(tmp_path):
    found = audited(tmp_path, *COUNTS)
    assert [found[claim].verdict for claim in ("new_n", "old_n", "all_n")] == ["reproduced"] * 3
    assert found["all_n"].reason == "57 + 80 = 137."
    assert found["old_n"].reason == "137 - 57 = 80."
    # nothing adds up to it
    assert (found["new_cured"].verdict, found["new_cured"].evidence) == ("not checkable", "none")
    wrong = audited(tmp_path, *SIZES[:2], SIZES[2].replace("137", "127"))
    assert {finding.verdict for finding in wrong.values()} == {"contradicted"}
    assert "not 127: at least one of these numbers is wrong" in wrong["all_n"].reason


def test_more_patients_than_there_are(tmp_path):
    found = audited(tmp_path, *SIZES, 'id: x, kind: count, of: cured.new, printed: "75"')
    assert found["x"].verdict == "contradicted"
    assert found["x"].reason == "It is more than the 57 of new drug."


@pytest.mark.parametrize(
    "printed, verdict, reason",
    [
        ("70.2", "reproduced", "40 of 57 is 70.175 %."),
        ("70.1", "rounding", "40 of 57 is 70.175 %, which rounds to 70.2; it is 70.1 only if cut."),
        (
            "72.0",
            "contradicted",
            "40 of 57 is 70.175 %, which rounds to 70.2, and no count out of 57 is 72.0 %.",
        ),
        ("71.9", "contradicted", "40 of 57 is 70.175 %, which rounds to 70.2."),
    ],
)
def test_a_percentage_of_counts(tmp_path, printed, verdict, reason):
    found = one(tmp_path, f'kind: percent, part: cured.new, whole: new, printed: "{printed}"')
    assert (found.verdict, found.evidence, found.reason) == (verdict, "recomputed", reason)
    assert found.recomputed == 100 * 40 / 57


def test_a_percentage_of_one_of_many_is_not_said_to_be_0(tmp_path):
    among = [
        'id: new_n, kind: count, of: new, printed: "250000"',
        'id: k, kind: count, of: cured.new, printed: "1"',
    ]
    found = one(tmp_path, 'kind: percent, part: cured.new, whole: new, printed: "0.0%"', among)
    assert (found.verdict, found.reason) == ("reproduced", "1 of 250,000 is <0.001 %.")


def test_rounding_twice_is_said(tmp_path):
    counts = [*SIZES[:1], 'id: k, kind: count, of: cured.new, printed: "56"']
    found = one(tmp_path, 'kind: percent, part: cured.new, whole: new, printed: "98.3"', counts)
    assert found.verdict == "contradicted"
    assert "only rounding twice, first to 98.25, gives 98.3" in found.reason


@pytest.mark.parametrize(
    "first, second, verdict",
    [
        ("32", "68", "reproduced"),
        # 22 of 68 is 32.4 %
        ("33", "68", "contradicted"),
        # 19 of 40 is 47.5 %
        ("47", "53", "rounding"),
    ],
)
def test_a_percentage_against_its_complement(tmp_path, first, second, verdict):
    total = 40 if first == "47" else 68
    lines = [*SIZES, f'id: n, kind: count, of: cured, printed: "{total}"']
    lines.append(f'id: y, kind: percent, part: cured.old, whole: cured, printed: "{second}"')
    found = one(tmp_path, f'kind: percent, part: cured.new, whole: cured, printed: "{first}"', lines)
    assert (found.verdict, found.evidence) == (verdict, "implied")
    if verdict == "rounding":
        assert "it is 47 only if cut, or as 100 - 53" in found.reason


def test_a_percentage_that_no_number_of_patients_gives(tmp_path):
    # GRIM: of 17 patients no number is 22 %
    lines = ['id: n, kind: count, of: new, printed: "17"']
    wrong = one(tmp_path, 'kind: percent, part: cured.new, whole: new, printed: "22"', lines)
    assert (wrong.verdict, wrong.evidence) == ("contradicted", "implied")
    possible = one(tmp_path, 'kind: percent, part: cured.new, whole: new, printed: "24"', lines)
    assert possible.verdict == "not checkable"
    assert "1 of the 18 counts that the other printed numbers leave open would do" in possible.reason
    unknown = one(tmp_path, 'kind: percent, part: cured.new, whole: new, printed: "22"', [])
    assert (unknown.verdict, unknown.evidence) == ("not checkable", "none")


@pytest.mark.parametrize(
    "line, verdict, words",
    [
        # tests/reference/audit.csv: sample 2.87582, conditional 2.85309, Wald 0.003950, Fisher 0.005081
        (
            'kind: odds_ratio, table: cured, model: univariable, printed: "2.88"',
            "reproduced",
            "2.8758 (sample)",
        ),
        ('kind: odds_ratio, table: cured, model: univariable, printed: "2.87"', "rounding", "only if cut"),
        ('kind: odds_ratio, table: cured, model: univariable, printed: "2.853"', "method", "conditional"),
        ('kind: odds_ratio, table: cured, model: univariable, printed: "1.35"', "contradicted", "2.8758"),
        ('kind: p_value, table: cured, tests: [Wald], printed: "0.004"', "reproduced", "0.0039 (Wald)"),
        ('kind: p_value, table: cured, tests: [Wald], printed: "0.005"', "method", "0.0051 (Fisher)"),
        ('kind: p_value, table: cured, tests: [Wald, Fisher], printed: "0.005"', "reproduced", "(Fisher)"),
        ('kind: p_value, table: cured, tests: [Wald], printed: "0.05"', "contradicted", "0.0039 (Wald)"),
        ('kind: p_value, table: cured, tests: [Fisher], printed: "<0.01"', "reproduced", "(Fisher)"),
        ('kind: p_value, table: cured, tests: [Fisher], printed: "<0.0001"', "contradicted", "(Fisher)"),
    ],
)
def test_an_association_of_counts(tmp_path, line, verdict, words):
    found = one(tmp_path, line)
    assert (found.verdict, found.evidence) == (verdict, "recomputed")
    assert words in found.reason
    assert "40 of 57 against 36 of 80" in found.reason or "missing" in found.reason


def test_how_robust_a_p_value_is(tmp_path):
    # as R has them, tests/reference/audit.csv
    found = one(tmp_path, 'kind: p_value, table: cured, tests: [Wald], printed: "0.004"')
    assert found.robustness == (
        "Wald 0.0039, likelihood ratio 0.0032, Fisher 0.0051, mid-p 0.0041, chi-square 0.0035, "
        "chi-square with correction 0.0060: below 0.05 by 6 of 6 tests"
    )


@pytest.mark.parametrize(
    "low, high, verdicts",
    [
        # tests/reference/audit.csv: Wald 1.4021 and 5.8984, profile likelihood 1.4194 and 6.0027
        ("1.40", "5.90", ["reproduced", "reproduced"]),
        ("1.42", "6.00", ["method", "method"]),
        ("1.90", "5.90", ["contradicted", "reproduced"]),
    ],
)
def test_limits_of_an_odds_ratio(tmp_path, low, high, verdicts):
    lines = [
        *COUNTS,
        'id: or, kind: odds_ratio, table: cured, model: univariable, printed: "2.88"',
        f'id: low, kind: confidence_low, of: or, printed: "{low}"',
        f'id: high, kind: confidence_high, of: or, printed: "{high}"',
    ]
    found = audited(tmp_path, *lines)
    assert [found[side].verdict for side in ("low", "high")] == verdicts
    assert found["or"].verdict == "reproduced"


def test_an_odds_ratio_of_percentages_rests_on_rounding(tmp_path):
    sizes = [
        'id: new_n, kind: count, of: new, printed: "464"',
        'id: old_n, kind: count, of: old, printed: "302"',
    ]
    lines = [
        *sizes,
        'id: n, kind: count, of: cured, printed: "330"',
        'id: new_share, kind: percent, part: cured.new, whole: cured, printed: "54"',
        'id: old_share, kind: percent, part: cured.old, whole: cured, printed: "46"',
        'id: or, kind: odds_ratio, table: cured, model: univariable, printed: "0.63"',
        'id: or_p, kind: p_value, of: or, tests: [Wald], printed: "0.002"',
        'id: clear, kind: statement, tables: [cured], tests: [Wald], limit: "<0.05", printed: "less often"',
        'id: strong, kind: statement, tables: [cured], tests: [Wald], limit: "<0.001", printed: "much less"',
        'id: none, kind: statement, tables: [cured], tests: [Wald], limit: ">0.05", printed: "no difference"',
    ]
    found = audited(tmp_path, *lines)
    assert {found[claim].verdict for claim in ("or", "or_p")} == {"rounding"}
    assert found["or"].reason.startswith("Holds in 1 of 3 tables that print the same percentages: 179 of 464")
    assert found["clear"].verdict == "reproduced"
    assert found["strong"].verdict == "rounding"
    assert "holds in 1 of 3 tables" in found["strong"].reason
    assert found["none"].verdict == "contradicted"


SPLIT = """
source: {citation: invented}
groups:
  all: {label: specimens, parts: [negative, weak]}
  negative: {label: negative}
  weak: {label: weak}
tables:
  amplified: {label: amplified, groups: [negative, weak]}
claims:
"""


def test_a_p_value_over_all_splits_of_the_patients(tmp_path):
    lines = [
        'id: n, kind: count, of: all, printed: "1059"',
        'id: a, kind: percent, part: amplified.negative, whole: negative, printed: "1.5"',
        'id: b, kind: percent, part: amplified.weak, whole: weak, printed: "6.9"',
    ]
    line = 'kind: p_value, table: amplified, groups: [weak, negative], tests: [chi-square], printed: "<{}"'
    found = one(tmp_path, line.format("0.001"), lines, SPLIT)
    assert found.verdict == "rounding"
    # every split of 1059 in two, every count that prints 1.5 and 6.9 %, by chi-square of each
    splits = [
        (n, k, 1059 - n, m)
        for n in range(1, 1059)
        for k in range(n + 1)
        if f"{100 * k / n:.1f}" == "1.5"
        for m in range(1060 - n)
        if f"{100 * m / (1059 - n):.1f}" == "6.9"
    ]
    held = sum(_chi_square_above(10.827566170662733, *split) for split in splits)
    assert f"Holds in {held} of " in found.reason
    assert f"chi-square {held}," in found.robustness
    assert one(tmp_path, line.format("0.2"), lines, SPLIT).verdict == "reproduced"
    assert one(tmp_path, line.format("0.0000000001"), lines, SPLIT).verdict == "contradicted"


def _chi_square_above(limit, n, k, other, m):
    """Pearson's chi-square by its textbook formula; the limit is R's qchisq(0.999, 1)."""
    a, b, c, d = k, n - k, m, other - m
    return (a + b + c + d) * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d)) > limit


DIAGNOSTIC = """
source: {citation: invented}
groups:
  all: {label: specimens, parts: [positive, negative]}
  positive: {label: test positive}
  negative: {label: test negative}
tables:
  ill: {label: ill, groups: [positive, negative], counts: {negative: "0"}}
claims:
  - {id: n_positive, kind: count, of: positive, printed: "3", where: here}
  - {id: n_negative, kind: count, of: negative, printed: "54", where: here}
  - {id: k, kind: count, of: ill.positive, printed: "2", where: here}
"""


@pytest.mark.parametrize(
    "kind, printed, verdict",
    [
        ("sensitivity", "100%", "reproduced"),
        ("specificity", "98.2%", "reproduced"),
        ("specificity", "98.1%", "rounding"),
        ("specificity", "97.2%", "contradicted"),
        ("ppv", "66.7%", "reproduced"),
        ("npv", "100%", "reproduced"),
        ("accuracy", "98.2%", "reproduced"),
        ("accuracy", "98.3%", "contradicted"),
    ],
)
def test_diagnostic_accuracy(tmp_path, kind, printed, verdict):
    found = one(tmp_path, f'kind: {kind}, table: ill, printed: "{printed}"', [], DIAGNOSTIC)
    assert (found.verdict, found.evidence) == (verdict, "recomputed")


@pytest.mark.parametrize(
    "printed, verdict", [("4.0", "reproduced"), ("4.1", "rounding"), ("4.2", "contradicted")]
)
def test_a_ratio_of_printed_numbers(tmp_path, printed, verdict):
    lines = [
        'id: a, kind: measurement, of: signals, needs: the counts, printed: "8.4"',
        'id: b, kind: measurement, of: centromeres, needs: the counts, printed: "2.1"',
    ]
    found = one(tmp_path, f'kind: ratio, numerator: a, denominator: b, printed: "{printed}"', lines)
    assert (found.verdict, found.evidence) == (verdict, "implied")


@pytest.mark.parametrize(
    "p, limit, verdict",
    [("0.004", "<0.05", "reproduced"), ("0.06", "<0.05", "contradicted"), ("0.05", "<0.05", "not checkable")],
)
def test_a_statement_about_printed_p_values(tmp_path, p, limit, verdict):
    lines = [
        'id: or, kind: odds_ratio, table: cured, model: multivariable, printed: "2.00"',
        f'id: or_p, kind: p_value, of: or, printed: "{p}"',
    ]
    line = f'kind: statement, of: [or_p], limit: "{limit}", printed: "it matters"'
    assert one(tmp_path, line, lines).verdict == verdict


@pytest.mark.parametrize("p, verdict", [("0.050", "not checkable"), ("0.0000003", "contradicted")])
def test_an_adjusted_odds_ratio_against_its_table(tmp_path, p, verdict):
    lines = [*COUNTS, 'id: or, kind: odds_ratio, table: cured, model: multivariable, printed: "2.40"']
    found = audited(tmp_path, *lines, f'id: x, kind: p_value, of: or, printed: "{p}"')
    assert {found[claim].verdict for claim in ("or", "x")} == {verdict}
    assert "without adjustment" in found["x"].reason


def test_what_nothing_printed_can_decide_says_what_would(tmp_path):
    line = 'kind: statement, printed: "no other difference", needs: sites of each patient'
    found = one(tmp_path, line)
    assert (found.verdict, found.evidence) == ("not checkable", "none")
    assert found.reason == "Needs patient-level data (sites of each patient)."
