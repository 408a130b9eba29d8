"""Follow-up of rows: what it refuses, and how parts of it are taken."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from recohort.base.errors import RecohortError
from recohort.statistics.survival_rows import SurvivalRows


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"time": [[1, 2, 3]]}, "time has shape"),
        ({"time": [1, np.nan, 3]}, "time has missing or infinite"),
        ({"time": [1, np.inf, 3]}, "time has missing or infinite"),
        ({"event": [1, 0]}, "event has shape"),
        ({"event": [1, 0, 2]}, "event is not 0 or 1"),
        ({"event": [1, 0, np.nan]}, "event has missing or infinite"),
        ({"entry": [0, 0]}, "entry has shape"),
        ({"entry": [0, np.nan, 0]}, "entry has missing or infinite"),
        ({"strata": [0, 1, 1, 1]}, "strata has shape"),
        ({"strata": [0, 1, np.nan]}, "strata has missing or infinite"),
        ({"weights": [1, 0, 1]}, "weights are not positive"),
        ({"counts": [1, 0.5, 1]}, "counts are not whole"),
        ({"counts": [1, -1, 1]}, "counts are not whole"),
        ({"offset": [1, -np.inf, 1]}, "offset has missing or infinite"),
    ],
)
def test_refuses_what_is_no_follow_up(changes, reason):
    with pytest.raises(ValueError, match=reason):
        SurvivalRows(**{"time": [1, 2, 3], "event": [1, 0, 1], **changes})


@pytest.mark.parametrize("entry", [[0, 2], [0, 3]])
def test_refuses_entry_that_is_not_before_exit(entry):
    with pytest.raises(RecohortError, match="entry is not before time in 1 rows. Exclude them in a named"):
        SurvivalRows([1, 2], [1, 1], entry=entry)


def test_some_of_the_rows_keep_what_belongs_to_them():
    rows = SurvivalRows([3, 1, 2], [1, 0, 1], entry=[0, 0, 1], weights=[1, 2, 3])
    for chosen in (np.array([True, False, True]), np.array([0, 2])):
        some = rows.of(chosen)
        assert_array_equal(some.time, [3, 2])
        assert_array_equal(some.entry, [0, 1])
        assert_array_equal(some.weights, [1, 3])
        assert some.strata is None and len(some) == 2
    assert_array_equal(rows.counted(np.array([2, 0, 1])).counts, [2, 0, 1])
    assert rows.counts is None and len(rows) == 3


def test_names_what_would_not_be_used():
    rows = SurvivalRows([1, 2], [1, 1], strata=[1, 2], offset=[0, 1])
    rows.refuse("weights", "counts")
    with pytest.raises(ValueError, match="strata and offset would not be used"):
        rows.refuse("strata", "counts", "offset")
