"""What a drop did to the estimates: changes in standard errors, flips, and parts that add up."""

from math import log

import pandas as pd
import pytest
from numpy.testing import assert_allclose
from support.drop_estimates import effect, estimate
from support.drops import CODEBOOK, COX, ENDPOINTS, HEADER, compared, table
from support.reference_cases import REFERENCE

from recohort.analyses.estimate import estimate as estimated
from recohort.analyses.estimate import of_extract
from recohort.audit import claims
from recohort.cohort import build as cohort
from recohort.drop import between_drops, effects, verdicts
from recohort.drop.effects import PARTS
from recohort.extract import read as extract
from recohort.protocol import model as protocol_module
from recohort.protocol import studies

# coxph converged to eps = 1e-14: coefficients agree to their conditioning; a difference of two of them loses
# a digit or two
RTOL = 1e-7


@pytest.fixture
def protocol(study):
    codebook = CODEBOOK | {"grade": {"type": "category", "levels": ["1", "2", "3"], "label": "Grade"}}
    made = study(f"{HEADER},grade\n1,50,no,10,no,1\n", codebook, endpoints=ENDPOINTS, analyses=COX)
    return made.protocol()


def rows_of(name):
    return pd.read_csv(REFERENCE / f"drop_{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture
def moved(protocol, tmp_path):
    """The effects between two drops, given as frames, by model and term."""

    def compare(before, after):
        texts = (frame.to_csv(index=False) for frame in (before, after))
        found = compared(protocol, tmp_path, *texts)
        assert found.reason == ""
        rows = [row for row in found.estimates if row["measure"] == "HR"]
        return {(row["model"], row["term"]): row for row in rows}

    return compare


@pytest.fixture(scope="module")
def steps():
    """R's coefficients and standard errors of each step, by model and term."""
    table = pd.read_csv(REFERENCE / "drop.csv", comment="#")
    table["term"] = table["term"].str.removesuffix("yes")
    return {key: rows.set_index("step") for key, rows in table.groupby(["model", "term"])}


def test_changes_and_their_parts_agree_with_r(moved, steps):
    found = moved(rows_of("before"), rows_of("after"))
    assert set(found) == set(steps) and len(found) == 4
    for key, row in found.items():
        coef = steps[key]["coef"]
        assert_allclose(row["change"], coef["after"] - coef["before"], rtol=RTOL, atol=0)
        error = steps[key]["std_error"]["before"]
        assert_allclose(row["change_std_errors"], (coef["after"] - coef["before"]) / error, rtol=RTOL, atol=0)
        assert_allclose([row[name] for name in PARTS], coef.diff().iloc[1:], rtol=RTOL, atol=0)
        assert (row["n_before"], row["n_after"]) == (76, 87)
        assert (row["events_before"], row["events_after"]) == (33, 48)


def test_parts_add_up(moved):
    for row in moved(rows_of("before"), rows_of("after")).values():
        # three subtractions of numbers near each other
        assert_allclose(sum(row[name] for name in PARTS), row["change"], rtol=1e-12, atol=0)


def only(kind):
    """The newer drop with one kind of change only, made of the two by hand."""
    before, after = rows_of("before"), rows_of("after")
    shared = before["id"].isin(after["id"])
    if kind == "part_patients":
        return pd.concat([before[shared], after[~after["id"].isin(before["id"])]])
    columns = ["days", "died"] if kind == "part_follow_up" else ["age", "liver", "grade"]
    newer = before.copy()
    now = after.set_index("id").loc[before.loc[shared, "id"], columns].to_numpy()
    newer.loc[shared, columns] = now
    return newer


@pytest.mark.parametrize("kind", PARTS)
def test_one_kind_of_change_is_all_in_its_part(moved, kind):
    for row in moved(rows_of("before"), only(kind)).values():
        assert abs(row["change"]) > 1e-4
        assert_allclose(row[kind], row["change"], rtol=1e-9, atol=0)
        # the others are the same rows in another order
        others = [row[name] for name in PARTS if name != kind]
        assert_allclose(others, 0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", PARTS)
def test_one_kind_of_change_of_patients_with_several_rows_is_all_in_its_part(moved, kind):
    # a row per visit, another number of them now
    before, after = (
        pd.concat([frame.assign(visit=str(visit)) for visit in range(n)])
        for frame, n in ((rows_of("before"), 2), (only(kind), 3))
    )
    for row in moved(before, after).values():
        assert abs(row["change"]) > 1e-4
        assert_allclose(row[kind], row["change"], rtol=1e-9, atol=0)


def test_a_patient_whose_rows_contradict_each_other_in_both_drops_is_in_no_part(moved):
    before = rows_of("before")
    contradicted = pd.concat([before, before.iloc[[3]].assign(days="1")])
    new = rows_of("after")
    new = new[~new["id"].isin(before["id"])]
    for row in moved(contradicted, pd.concat([contradicted, new])).values():
        assert abs(row["change"]) > 1e-4
        assert_allclose(row["part_patients"], row["change"], rtol=1e-9, atol=0)
        # the same rows in another order
        assert_allclose([row["part_recoded"], row["part_follow_up"]], 0, rtol=0, atol=1e-12)


def test_spaces_around_an_id_make_no_other_patient(moved):
    newer = only("part_follow_up")
    for row in moved(rows_of("before"), newer.assign(id=newer["id"] + " ")).values():
        assert_allclose(row["part_follow_up"], row["change"], rtol=1e-9, atol=0)


def test_the_extracts_between_drops_are_those_made_by_hand(protocol, tmp_path):
    drops = []
    for name in ("before", "after"):
        path = tmp_path / f"{name}.csv"
        path.write_text(rows_of(name).to_csv(index=False), encoding="utf-8")
        drops.append(extract.assemble(protocol, [path])[0])
    made = between_drops.between(*drops, protocol)
    before, after = rows_of("before").set_index("id"), rows_of("after").set_index("id")
    shared = after.index.intersection(before.index)
    updated = before.copy()
    updated.loc[shared] = after.loc[shared]
    recoded = updated.copy()
    recoded.loc[shared, ["days", "died"]] = before.loc[shared, ["days", "died"]]
    for frame, expected in zip(made, (recoded, updated), strict=True):
        texts = frame.drop(columns="row").astype(object).set_index("id").sort_index()
        pd.testing.assert_frame_equal(texts, expected.sort_index(), check_dtype=False)
        assert list(frame["row"]) == list(range(1, len(before) + 1))


def test_the_start_of_the_clock_is_no_follow_up(study):
    day = {"type": "date", "label": "A day"}
    codebook = {
        "diagnosed": {**day, "column": "dx"},
        "seen": {**day, "column": "last"},
        "operated": {**day, "column": "surgery"},
        "last_day": {"type": "date", "label": "End", "derive": "seen"},
        "status": {"type": "category", "levels": ["alive", "dead"], "column": "vital", "label": "Status"},
    }
    endpoint = {
        "label": "OS",
        "start": "diagnosed",
        "end": "last_day",
        "event": {"status": "dead"},
        "unit": "days",
    }
    header = "id,dx,last,surgery,vital\n"
    made = study(f"{header}1,2020-01-01,2020-02-01,2020-01-03,dead\n", codebook, endpoints={"os": endpoint})
    assert between_drops.follow_up_columns(made.protocol()) == {"last", "vital"}


def test_verdicts_on_what_is_published_from_each_drop():
    folder = REFERENCE.parents[1] / "data" / "cher2"
    plan = protocol_module.read(folder / "study.yaml")
    rows = []
    for day, skin in (("2020-09-01", "skin"), ("2021-01-15", "skin_soft_tissue")):
        frame, refused = extract.assemble(plan, list(studies.locate(plan, folder, day).values()))
        renamed = frame.rename(columns={skin: "skin_soft_tissue"})
        rows.append(of_extract(renamed, refused, plan, 0.95)[1].rows)
    publication = claims.read(folder / "published.yaml")
    found = {row["claim"]: row for row in verdicts.compare(publication, *rows, "patient-level")}
    # printed <0.005; R's fisher.test of the newest: 0.00257
    assert found["few_p"]["printed"] == "<0.005"
    assert (found["few_p"]["before"], found["few_p"]["after"]) == ("contradicted", "reproduced")
    assert (found["liver_p"]["before"], found["liver_p"]["after"]) == ("reproduced", "reproduced")
    synthetic = verdicts.compare(publication, *rows, "synthetic")
    assert {row[when] for row in synthetic for when in ("before", "after")} == {"not checkable"}


def test_a_ratio_changes_on_the_log_scale_in_standard_errors_before():
    row = effect(estimate(2.0), estimate(3.0, std_error=0.1))
    assert_allclose([row["change"], row["change_std_errors"]], [log(1.5), 2 * log(1.5)], rtol=1e-15, atol=0)
    kappa = effect(estimate(0.5, measure="kappa"), estimate(0.6, measure="kappa"))
    assert_allclose([kappa["change"], kappa["change_std_errors"]], [0.1, 0.2], rtol=1e-14, atol=0)


def test_without_a_standard_error_the_interval_gives_one():
    exact = {"std_error": None, "ci_low": 1 / 2, "ci_high": 8.0}
    # log 16 is twice 1.959964 standard errors, R: qnorm(0.975)
    expected = log(16) / (2 * 1.959963984540054)
    row = effect(estimate(2.0, **exact), estimate(3.0, **exact))
    assert_allclose(row["std_error"], expected, rtol=1e-14, atol=0)
    assert effect(estimate(2.0, std_error=0.0), estimate(3.0))["change_std_errors"] is None
    for interval in ({"ci_low": None}, {"ci_low": 0.0}, {"ci_high": float("inf")}, {"ci_high": 0.5}):
        row = effect(estimate(2.0, **exact | interval), estimate(3.0))
        assert (row["std_error"], row["change_std_errors"]) == (None, None)
        assert_allclose(row["change"], log(1.5), rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    ("before", "after", "sign", "significance", "conclusion"),
    [
        (estimate(2.0, 0.04), estimate(2.0, 0.04), False, False, False),
        (estimate(2.0, 0.04), estimate(2.0, 0.06), False, True, True),
        (estimate(2.0, 0.06), estimate(2.0, 0.04), False, True, True),
        (estimate(2.0, 0.04), estimate(0.5, 0.04), True, False, True),
        (estimate(1.1, 0.60), estimate(0.9, 0.60), True, False, False),
        (estimate(2.0, 0.04), estimate(None, None, status="not-estimable"), None, None, True),
        (estimate(2.0, 0.40), estimate(None, None, status="not-estimable"), None, None, False),
        (estimate(None, 0.04, measure="global"), estimate(None, 0.06, measure="global"), None, True, True),
        (estimate(0.4, None, measure="kappa"), estimate(-0.4, None, measure="kappa"), None, None, False),
    ],
)
def test_flips(before, after, sign, significance, conclusion):
    row = effect(before, after)
    flipped = [row[f"{name}_flipped"] for name in ("sign", "significance", "conclusion")]
    assert flipped == [sign, significance, conclusion]


def test_the_level_of_significance_is_what_the_confidence_leaves():
    rows = [estimate(2.0, 0.04)], [estimate(2.0, 0.06)]
    assert effects.compare(*rows, [], 0.9)[0]["significance_flipped"] is False


def test_no_parts_where_an_estimate_between_is_not_there():
    refused = estimate(None, None, status="not-estimable")
    for between in ([], [estimate(2.0), refused]):
        row = effect(estimate(2.0), estimate(3.0), between)
        assert row["note"] == "not estimable between the drops, so that the change has no parts"
        assert not set(PARTS) & set(row)
        assert_allclose(row["change"], log(1.5), rtol=1e-14, atol=0)


def test_estimates_of_one_drop_only_and_reference_levels():
    reference = estimate(1.0, None, level="no")
    rows = effects.compare([reference, estimate(2.0)], [reference, estimate(2.0, level="no info")], [], 0.95)
    assert [(row["level"], row["note"]) for row in rows] == [
        ("no info", "new"), ("yes", "not computed any more"),
    ]  # fmt: skip
    assert [row["n_before"] for row in rows] == [None, 9]


def test_an_estimate_whose_interval_has_another_method_now_is_the_same_estimate():
    row = effect(estimate(2.0), estimate(3.0, ci_method="profile penalised likelihood"))
    assert (row["ci_method_before"], row["ci_method_after"]) == ("Wald", "profile penalised likelihood")
    assert_allclose(row["change"], log(1.5), rtol=1e-14, atol=0)


def test_an_estimate_with_two_intervals_is_compared_interval_by_interval():
    before, after = (
        [estimate(value, measure="proportion", ci_method=method, ci_low=low) for method, low in methods]
        for value, methods in (
            (0.2, [("Wilson", 0.1), ("exact", 0.05)]),
            (0.3, [("Wilson", 0.2), ("exact", 0.15)]),
        )
    )
    rows = effects.compare(before, after, [], 0.95)
    assert [(row["ci_low_before"], row["ci_low_after"]) for row in rows] == [(0.1, 0.2), (0.05, 0.15)]


def test_an_estimate_that_is_not_estimable_any_more_says_why():
    row = effect(estimate(2.0), estimate(None, None, status="not-estimable", note="no events"))
    assert (row["note"], row["status_after"], "change" in row) == ("no events", "not-estimable", False)


def test_estimates_before_are_those_of_the_stages(study, tmp_path):
    codebook = CODEBOOK | {"bone": {"type": "flag", "label": "Bone"}}
    analyses = {
        "odds": {"kind": "logistic", "outcome": {"bone": "yes"}, "terms": ["age"]},
        "sites": {"kind": "fisher", "outcomes": {"bone": "yes"}, "by": "liver"},
        "curve": {"kind": "curves", "endpoint": "os"},
    }
    header = f"{HEADER},bone"
    rows = [[f"P{i}", 40 + i, "yn"[i % 2], 100 + i, "yn"[i % 3 == 0], "yn"[i % 5 == 0]] for i in range(30)]
    protocol = study(table(rows, header), codebook, endpoints=ENDPOINTS, analyses=analyses).protocol()
    found = compared(protocol, tmp_path, table(rows, header), table(rows[:-4], header))
    path = tmp_path / "before.csv"
    people = cohort.build(*extract.assemble(protocol, [path]), protocol).patients
    odds = estimated(people, protocol, protocol.analyses["odds"]).rows
    sites = estimated(people, protocol, protocol.analyses["sites"]).rows
    before = {row["analysis"]: row["estimate_before"] for row in found.estimates}
    assert before["odds"] == odds[0]["estimate"] and before["sites"] == sites[0]["estimate"]
    (median,) = [row for row in found.estimates if row["measure"] == "median"]
    assert (median["n_before"], median["n_after"]) == (30, 26)
