"""What hazard ratios imply: the bound on information against models, false alarms on simulated studies."""

from math import log, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from support.paths import ROOT

from recohort import audit
from recohort.audit import claims, hazards, implied
from recohort.audit.printed_number import parse
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows


def fit(time, event, *factors):
    """Log hazard ratio of the first factor, adjusted for the others, and its standard error."""
    terms = [Term(f"x{i}", factor.astype(np.int64), ("no", "yes")) for i, factor in enumerate(factors)]
    model = cox.fit(encode(terms), SurvivalRows(time, event))
    return model.coefficients[0], model.std_error[0]


def simulated(random, sizes, exposed, censoring):
    """Follow-up of groups of patients with a factor, another factor, and their own hazards and ratios."""
    parts = []
    for n, n_exposed in zip(sizes, exposed, strict=True):
        x, other = np.zeros(n), random.random(n) < 0.4
        x[random.permutation(n)[:n_exposed]] = 1
        log_hazard = random.normal(0, 0.3) + random.uniform(-0.5, 1) * x + random.uniform(-0.5, 0.8) * other
        time = random.exponential(1 / np.exp(log_hazard))
        end = (
            random.exponential(censoring, n) if random.random() < 0.5 else random.uniform(0, 2 * censoring, n)
        )
        parts.append((np.minimum(time, end), time <= end, x, other))
    return parts


def information_of(log_ratio, std_error):
    """The information that a result implies, printed with so many decimals that rounding does not matter."""
    p = 2 * norm.sf(abs(log_ratio) / std_error)
    return implied.information(parse(f"{np.exp(log_ratio):.12f}"), parse(f"{p:.15f}"))


@pytest.mark.parametrize("adjusted", [False, True])
def test_no_model_has_more_information_than_its_events_allow(adjusted):
    random = np.random.default_rng(7)
    closest = 0
    for _ in range(60):
        sizes = random.integers(60, 300, size=1)
        ((time, event, x, other),) = simulated(random, sizes, [int(sizes[0] * random.uniform(0.1, 0.6))], 1.5)
        d_1, d_0 = event[x == 1].sum(), event[x == 0].sum()
        if min(d_1, d_0) > 2:
            _, error = fit(time, event, x, other) if adjusted else fit(time, event, x)
            assert 1 / error**2 <= d_1 * d_0 / (d_1 + d_0) * (1 + 1e-12)
            closest = max(closest, 1 / error**2 / (d_1 * d_0 / (d_1 + d_0)))
    # the bound is not far from what happens
    assert closest > 0.97


def test_a_ratio_and_its_p_give_the_standard_error_back():
    low, high = implied.information(parse("1.5527"), parse("0.032143"))
    error = log(1.5527) / norm.isf(0.032143 / 2)
    assert sqrt(1 / high) == pytest.approx(error, rel=1e-4)
    assert sqrt(1 / low) == pytest.approx(error, rel=1e-4)
    assert sqrt(1 / high) < error < sqrt(1 / low)


def test_information_is_open_where_what_is_printed_is():
    low, high = implied.information(parse("1.68"), parse("<0.0001"))
    assert high == np.inf
    assert low == pytest.approx((norm.isf(0.00005) / log(1.685)) ** 2, rel=1e-12)
    # 1.00 may be no effect at all
    assert implied.information(parse("1.00"), parse("0.90"))[1] == np.inf
    assert implied.information(parse("1.68"), parse(">0.05"))[0] == 0


def test_schoenfeld_events_are_those_of_his_formula():
    # Schoenfeld (1983), Biometrics 39:499: 4 (z_a + z_b)^2 / log(hr)^2 events for groups of equal size
    result = hazards.Result(None, None, 30.0, 30.0, "", 100, 50)
    assert result.schoenfeld(30.0) == 4 * 30.0


PAPER = """
source: {citation: invented}
groups:
  all: {label: all, parts: [a, b]}
  a: {label: group a}
  b: {label: group b}
tables:
  factor: {label: factor, groups: [a, b]}
claims:
  - {id: a_n, kind: count, of: a, printed: "464", where: here}
  - {id: b_n, kind: count, of: b, printed: "302", where: here}
  - {id: a_factor, kind: count, of: factor.a, printed: "46", where: here}
  - {id: b_factor, kind: count, of: factor.b, printed: "22", where: here}
"""
IN_A = "population: a, model: univariable, exposed: factor.a"
IN_ALL = "population: all, model: multivariable, exposed: factor"


def audited(tmp_path, *ratios):
    lines = []
    for name, keys, ratio, p in ratios:
        term = "" if "term:" in keys else "term: factor, "
        lines.append(
            f'{{id: {name}, kind: hazard_ratio, endpoint: OS, {term}{keys}, printed: "{ratio}", where: here}}'
        )
        lines.append(f'{{id: {name}_p, kind: p_value, of: {name}, printed: "{p}", where: here}}')
    path = tmp_path / "published.yaml"
    path.write_text(PAPER + "".join(f"  - {line}\n" for line in lines), encoding="utf-8")
    return {finding.claim.id: finding for finding in audit.check(path)}


def test_results_that_fit_are_not_checkable_and_say_what_they_imply(tmp_path):
    found = audited(tmp_path, ("x", IN_A, "1.98", "0.002"))
    for claim in ("x", "x_p"):
        assert (found[claim].verdict, found[claim].evidence) == ("not checkable", "implied")
        assert "at least 21 events in the 46 with the factor" in found[claim].reason
        assert "about 229 in all 464 patients (group a)" in found[claim].reason
        assert found[claim].robustness == f"implied standard error {log(1.98) / float(norm.isf(0.001))!r}"


def test_more_information_than_all_patients_have_is_contradicted(tmp_path):
    # 46 of 464 can give a standard error of 0.155, not 0.12
    found = audited(tmp_path, ("x", IN_A, "1.50", "0.0007"))
    assert found["x"].verdict == found["x_p"].verdict == "contradicted"
    assert "even if all of them have the event" in found["x"].reason


def test_the_whole_cannot_know_more_than_its_parts(tmp_path):
    found = audited(tmp_path, ("part", IN_A, "1.98", "0.020"), ("whole", IN_ALL, "1.53", "0.003"))
    assert {found[claim].verdict for claim in ("part", "part_p", "whole", "whole_p")} == {"contradicted"}
    assert "the most that the other patients can add" in found["whole"].reason
    # within the margin it is said, and no more
    found = audited(tmp_path, ("part", IN_A, "1.98", "0.002"), ("whole", IN_ALL, "1.53", "0.003"))
    assert {found[claim].verdict for claim in ("part", "whole")} == {"not checkable"}
    assert "though it fits other results badly" in found["whole"].reason


def test_adjusting_does_not_add_information(tmp_path):
    alone = ("alone", IN_A, "1.60", "0.05")
    found = audited(tmp_path, alone, ("adjusted", IN_A.replace("uni", "multi"), "1.60", "0.005"))
    assert {found[claim].verdict for claim in ("alone", "adjusted")} == {"contradicted"}
    found = audited(tmp_path, alone, ("adjusted", IN_A.replace("uni", "multi"), "1.50", "0.09"))
    assert {found[claim].verdict for claim in ("alone", "adjusted")} == {"not checkable"}


def test_two_factors_in_the_same_patients_need_the_same_events(tmp_path):
    # the first implies about 14 events, the second needs 200
    other = "term: other, population: a, model: univariable"
    found = audited(tmp_path, ("few", IN_A, "1.98", "0.44"), ("many", other, "1.45", "0.008"))
    assert {found[claim].verdict for claim in ("few", "many")} == {"contradicted"}
    assert "in the same patients implies at most about" in found["many"].reason


def test_events_of_the_parts_add_up_to_those_of_the_whole(tmp_path):
    # Schoenfeld: at most 24 events in a and 17 in b, at least 150 in all
    parts = [("a", IN_A, "1.98", "0.25"), ("b", IN_A.replace("a,", "b,").replace(".a", ".b"), "1.98", "0.40")]
    found = audited(tmp_path, *parts, ("whole", IN_ALL, "1.98", "0.01"))
    assert {found[claim].verdict for claim in ("a", "b", "whole")} == {"contradicted"}
    found = audited(tmp_path, *parts, ("whole", IN_ALL, "1.98", "0.20"))
    assert {found[claim].verdict for claim in ("a", "b", "whole")} == {"not checkable"}
    assert "badly" not in found["whole"].reason


def test_a_ratio_per_unit_of_a_number_has_no_bound(tmp_path):
    found = audited(
        tmp_path, ("x", "term: age, population: a, model: univariable, per: year", "1.05", "<0.0001")
    )
    assert (found["x"].verdict, found["x"].evidence) == ("not checkable", "none")


def test_simulated_studies_raise_no_false_alarm(capsys):
    """Results as fitted, of two groups and the whole, adjusted and not, are not contradicted."""
    random = np.random.default_rng(11)
    sizes, exposed, studies, alarms, widest = (464, 302), (46, 22), 150, 0, 0.0
    for _ in range(studies):
        parts = simulated(random, sizes, exposed, random.uniform(0.3, 3))
        whole = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
        in_parts = [information_of(*fit(*part[:3]))[1] for part in parts]
        adjusted = information_of(*fit(*parts[0]))[0]
        together = information_of(*fit(*whole))[0]
        most = exposed[1] * (sizes[1] - exposed[1]) / sizes[1]
        ratios = [together / (in_parts[0] + most), adjusted / in_parts[0]]
        alarms += max(ratios) > implied.MARGIN
        widest = max(widest, *ratios)
    with capsys.disabled():
        print(
            f"\nimplied evidence: {studies} simulated studies, {alarms} false alarms, "
            f"at most {widest:.2f} of the bound, the margin is {implied.MARGIN}"
        )
    assert alarms == 0


def test_real_patients_raise_no_false_alarm():
    found = audit.check(ROOT / "data/gbsg2/published.yaml")
    assert not [finding for finding in found if finding.verdict == "contradicted"]
    # as R has them
    table = pd.read_csv(ROOT / "tests/reference/gbsg2.csv", comment="#")
    hormone = table[(table["analysis"] == "rfs") & (table["term"] == "hormone") & (table["level"] == "yes")]
    for _, row in hormone.iterrows():
        low, high = implied.information(parse(f"{row['estimate']:.9f}"), parse(f"{row['p_value']:.12f}"))
        assert low <= 1 / row["std_error"] ** 2 <= high
        others = row["events"] - row["events_level"]
        assert high <= row["events_level"] * others / row["events"]


INTERVAL = """
source: {citation: invented}
groups: {all: {label: all}}
claims:
  - {id: hr, kind: hazard_ratio, endpoint: OS, term: x, population: all, model: univariable, printed: "%s",
     where: here}
  - {id: low, kind: confidence_low, of: hr, printed: "%s", where: here}
  - {id: high, kind: confidence_high, of: hr, printed: "%s", where: here}
  - {id: p, kind: p_value, of: hr, printed: "%s", where: here}
"""


@pytest.mark.parametrize(
    "numbers, verdict, words",
    [
        (("1.55", "1.04", "2.31", "0.032"), "not checkable", "which agree"),
        (("1.55", "1.04", "2.31", "0.0004"), "contradicted", "cannot both be right"),
        (("1.55", "1.04", "2.31", "0.32"), "contradicted", "cannot both be right"),
        (("1.55", "1.60", "2.31", "0.032"), "contradicted", "does not hold its estimate"),
        (("0.67", "0.54", "0.91", "0.0073"), "not checkable", "which agree"),
    ],
)
def test_estimate_interval_and_p_against_each_other(tmp_path, numbers, verdict, words):
    path = tmp_path / "published.yaml"
    path.write_text(INTERVAL % numbers, encoding="utf-8")
    found = {finding.claim.id: finding for finding in audit.findings(claims.read(path))}
    for side in ("low", "high"):
        assert found[side].verdict == verdict
        assert words in found[side].reason
