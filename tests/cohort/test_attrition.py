"""Why rows are refused, and the flow to the cohort."""

import numpy as np

from recohort.cohort.attrition import Flow, Reasons
from recohort.extract.delimited import Refused
from recohort.extract.text_column import encode


def test_every_reason_of_a_row_is_kept_and_the_first_counts():
    reasons = Reasons(np.array([2, 3, 4, 5]), encode(["a", "b", "c", "d"]))
    reasons.add("unreadable", 2, "AGE", "5O", "not a number")
    reasons.add("unreadable", 0, "AGE", "x", "not a number")
    reasons.add("backwards", 3)
    reasons.add("backwards", 2, "DX, LAST", "2020-02-01, 2020-01-01")
    assert reasons.refuses().tolist() == [True, False, True, True]
    counted = np.array([True, True, True, True])
    assert reasons.counts(counted) == {"unreadable": 2, "backwards": 1}
    assert reasons.counts(np.array([True, True, False, True])) == {"unreadable": 1, "backwards": 1}
    assert reasons.table(
        counted, [Refused(3, "ragged", "2 where the header has 3", "b;x")]
    ).values.tolist() == [
        [2, "a", "AGE", "x", "unreadable: not a number"],
        [3, "", "", "b;x", "ragged: 2 where the header has 3"],
        [4, "c", "AGE | DX, LAST", "5O | 2020-02-01, 2020-01-01", "unreadable: not a number | backwards"],
        [5, "d", "", "", "backwards"],
    ]
    assert reasons.most_common() == {
        "row": 4, "column": "AGE", "value": "5O", "problem": "unreadable: not a number",
    }  # fmt: skip


def test_rows_that_are_not_counted_are_not_in_the_quarantine():
    reasons = Reasons(np.array([2, 3]), encode(["a", "a"]))
    for position in (0, 1):
        reasons.add("unreadable", position)
    assert reasons.table(np.array([True, False]), [])["row"].tolist() == [2]


def test_flow():
    flow = Flow(10)
    flow.remove("unreadable", "quarantined", 2)
    flow.remove("duplicates", "merged", 0)
    flow.remove("IHC known", "excluded", 3, 1)
    flow.remove("Adult", "excluded", 0)
    flow.close()
    flow.open("three", 5)
    flow.remove("IHC 3+", "excluded", 4)
    flow.close()
    assert flow.table().values.tolist() == [
        ["all", 1, "read", "read", 10, 0, 10],
        ["all", 2, "unreadable", "quarantined", 2, 0, 8],
        ["all", 3, "IHC known", "excluded", 3, 1, 5],
        ["all", 4, "Adult", "excluded", 0, 0, 5],
        ["all", 5, "cohort", "cohort", 5, 0, 5],
        ["three", 6, "read", "read", 5, 0, 5],
        ["three", 7, "IHC 3+", "excluded", 4, 0, 1],
        ["three", 8, "cohort", "cohort", 1, 0, 1],
    ]
    assert list(flow.table()) == ["population", "order", "step", "kind", "n", "n_unknown", "n_left"]
