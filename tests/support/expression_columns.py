"""Columns that conditions are tried on."""

import numpy as np

from recohort.protocol.expressions import Values


def column(*values, dtype=object):
    """Values with None for an unknown one; the wrong value underneath shows whoever looks at it."""
    known = np.array([value is not None for value in values])
    wrong = {object: "yes", float: 1e6, "datetime64[D]": "1900-01-01"}[dtype]
    return Values(np.array([wrong if value is None else value for value in values], dtype=dtype), known)


COLUMNS = {
    "ihc": column("2+", "3+", None),
    "cns": column("yes", "no", None),
    "liver": column("yes", "no", "yes"),
    "age": column(50, 60, None, dtype=float),
    "size": column(0, 2, 3, dtype=float),
    "dx": column("2020-01-01", "2020-01-31", None, dtype="datetime64[D]"),
    "born": column("2002-02-28", "2002-01-31", "2002-01-01", dtype="datetime64[D]"),
    "end": column("2020-03-01", "2020-01-31", "2021-01-01", dtype="datetime64[D]"),
}
