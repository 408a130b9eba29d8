"""Follow-up of rows: the one thing that curves, log-rank tests and Cox models take, checked in one place."""

from copy import copy
from dataclasses import dataclass, field

import numpy as np

from recohort.base.errors import RecohortError
from recohort.statistics.arrays import Booleans, Floats, Given, Integers
from recohort.statistics.design import row_vector
from recohort.statistics.near_ties import tie

OPTIONAL = ("entry", "strata", "weights", "counts", "offset")


@dataclass(frozen=True)
class SurvivalRows:
    """
    Follow-up of n rows, near-equal times and entries made equal (`recohort.statistics.near_ties`).

    Parameters
    ----------
    time : ndarray, shape (n,)
        End of follow-up, in any unit; equal numbers are ties.
    event : ndarray, shape (n,)
        0/1.
    entry : ndarray, shape (n,), optional
        Start of follow-up, before time: a row is at risk in (entry, time]. Without it, always.
    strata : ndarray, shape (n,), optional
        Numeric codes; each stratum has its own baseline hazard, and is compared within itself.
    weights : ndarray, shape (n,), optional
        Case weights > 0 as R's: in Efron's method a row is one event whatever its weight, and the tied events
        of a day share their mean weight.
    counts : ndarray, shape (n,), optional
        How many identical rows each row stands for, 0 leaves it out: what is computed is that of the rows
        repeated.
    offset : ndarray, shape (n,), optional
        Added to the linear predictor.

    Attributes
    ----------
    n_tied : int
        Rows whose time or entry was made equal to another.

    Raises
    ------
    ValueError
        If a length differs, a value is missing or infinite, an event is not 0/1, a weight is not positive, or
        a count is not a whole number from 0 up.
    RecohortError
        If an entry is not before its time, or is so by rounding only.
    """

    time: Floats
    event: Floats
    entry: Floats | None = None
    strata: Floats | None = None
    weights: Floats | None = None
    counts: Floats | None = None
    offset: Floats | None = None
    n_tied: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        n = np.size(self.time)
        for name in ("time", "event", *OPTIONAL):
            values = getattr(self, name)
            if values is not None:
                self._set(**{name: row_vector(name, values, n)})
        self._check()
        tied = tie(self.time, self.entry)
        if tied.changed.any():
            self._set(time=tied.time, entry=tied.entry, n_tied=int(tied.changed.sum()))
            self._check_entry("entry is before time by rounding only")

    def _check(self) -> None:
        if not ((self.event == 0) | (self.event == 1)).all():
            raise ValueError("event is not 0 or 1")
        if self.weights is not None and not (self.weights > 0).all():
            raise ValueError("weights are not positive")
        if (
            self.counts is not None
            and not ((self.counts >= 0) & (self.counts == np.floor(self.counts))).all()
        ):
            raise ValueError("counts are not whole numbers from 0 up")
        self._check_entry("entry is not before time")

    def _check_entry(self, problem: str) -> None:
        if self.entry is not None and not (self.entry < self.time).all():
            late = np.flatnonzero(self.entry >= self.time)
            raise RecohortError(
                f"{problem} in {len(late)} rows",
                value=f"row {late[0]}, entry {self.entry[late[0]]:g}, time {self.time[late[0]]:g}",
                remedy="Exclude them in a named cohort step.",
            )

    def __len__(self) -> int:
        return len(self.time)

    def refuse(self, *names: str) -> None:
        """Refuse what a method would not use: a ValueError names it."""
        if unused := [name for name in names if getattr(self, name) is not None]:
            raise ValueError(f"{' and '.join(unused)} would not be used")

    def of(self, rows: Booleans | Integers) -> "SurvivalRows":
        """Some of the rows: a mask (n,) or their places (m,)."""
        chosen = {name: values[rows] for name, values in self.given().items()}
        return self._with(**chosen)

    def counted(self, counts: Given) -> "SurvivalRows":
        """The same rows, each as often as counts (n,) says."""
        return self._with(counts=row_vector("counts", counts, len(self)))

    def given(self) -> dict[str, Floats]:
        """The arrays that there are, by name."""
        values = {name: getattr(self, name) for name in ("time", "event", *OPTIONAL)}
        return {name: array for name, array in values.items() if array is not None}

    def _with(self, **arrays: Floats) -> "SurvivalRows":
        other = copy(self)
        other._set(**arrays)
        return other

    def _set(self, **fields: Floats | int | None) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)
