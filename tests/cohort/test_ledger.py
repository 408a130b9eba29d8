"""The ledger as a table, counted, and as the same CSV that any frame of its cells would give."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recohort.base import files
from recohort.cohort import ledger
from recohort.cohort.codebook import Change, Marks

LINES = np.array([2, 3, 5, 4])
CHANGES = [
    Change("age", "AGE", "60 ", "60.0", "trimmed"),
    Change("ihc", "IHC", "2", "2+", "recoded"),
    Change("ihc", "IHC", "3", "3+", "recoded"),
]


def marks(positions, which, said):
    return Marks(np.array(positions, dtype=int), np.array(which, dtype=int), said)


def test_rows_are_sorted_by_line_and_in_one_line_as_they_were_found():
    found = ledger.table(marks([3, 0, 1, 2, 3], [0, 0, 1, 2, 1], CHANGES), LINES)
    assert found.values.tolist() == [
        [2, *CHANGES[0]],
        [3, *CHANGES[1]],
        [4, *CHANGES[0]],
        [4, *CHANGES[1]],
        [5, *CHANGES[2]],
    ]
    assert list(found) == ["row", *Change._fields]


def test_rows_of_one_line_stay_in_the_order_of_the_codebook():
    # sorts that do not keep it do so where rows are few
    positions, which = np.tile(np.arange(100), 3), np.repeat([0, 1, 2], 100)
    found = ledger.table(Marks(positions, which, CHANGES), np.arange(100))
    assert found["raw"].tolist() == [change.raw for change in CHANGES] * 100


def test_kinds_are_counted_in_the_order_of_the_ledger():
    found = ledger.counts(ledger.table(marks([3, 1, 2, 0], [0, 1, 2, 1], CHANGES), LINES))
    assert found.values.tolist() == [["ihc", "IHC", "recoded", 3], ["age", "AGE", "trimmed", 1]]
    assert list(found) == ["variable", "column", "rule", "n"]


def test_nothing_changed():
    found = ledger.table(marks([], [], []), LINES)
    assert (len(found), len(ledger.counts(found))) == (0, 0)
    assert b"".join(ledger.as_csv(found)) == b"row,variable,column,raw,clean,rule\n"


@pytest.mark.parametrize("rows_at_once", [2, 10**6])
@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(*[st.text(st.sampled_from("a1,\"'\n\r=+- ä"), max_size=3)] * 5), max_size=6, unique=True
    ),
    st.data(),
)
def test_as_csv_is_what_any_frame_would_give_and_reads_back(rows_at_once, said, data):
    n = data.draw(st.integers(0, 8)) if said else 0
    which = [data.draw(st.integers(0, len(said) - 1)) for _ in range(n)]
    found = ledger.table(marks(range(n), which, [Change(*texts) for texts in said]), np.arange(2, 2 + n))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "ROWS_AT_ONCE", rows_at_once)
        text = b"".join(ledger.as_csv(found)).decode()
    used = found.astype(object)
    # a carriage return anywhere in the ledger's texts puts all of them in quotes
    has_return = any("\r" in part for texts in said for part in texts)
    if has_return == ("\r" in used.to_csv(index=False, lineterminator="\n")):
        assert text == files.csv_text(used)
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [[int(row[0]), *row[1:]] for row in read] == [
        [line, *map(files.guarded, said[i])] for line, i in zip(range(2, 2 + n), which, strict=True)
    ]
