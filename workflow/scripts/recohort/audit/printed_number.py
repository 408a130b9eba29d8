"""A number as printed: what it says, and which values print so."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from recohort.base import formats

RELATIONS = {"": "=", "=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}
NUMBER = r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+"
PATTERN = re.compile(rf"(?:[pP]\s*)?(<=|>=|[<>≤≥=])?\s*({NUMBER})\s*%?")

# how far a computed value may be from a limit by rounding of doubles, relative to it
SLACK = 1e-12


@dataclass(frozen=True)
class Printed:
    """
    A printed number.

    Attributes
    ----------
    text : str
        As printed.
    value : float
    decimals : int
    relation : {"=", "<", ">", "<=", ">="}
        "<" of "P < 0.001".
    """

    text: str
    value: float
    decimals: int
    relation: str

    @property
    def unit(self) -> float:
        """One in the last decimal."""
        return 10.0**-self.decimals

    @property
    def low(self) -> float:
        """The lowest number that rounds to the printed one; for "<" and ">" the limit of what is claimed."""
        return self._limit(-1) if self.relation == "=" else self.value if ">" in self.relation else -np.inf

    @property
    def high(self) -> float:
        """The highest number that rounds to the printed one; for "<" and ">" the limit of what is claimed."""
        return self._limit(1) if self.relation == "=" else self.value if "<" in self.relation else np.inf

    def _limit(self, side: int) -> float:
        number = Decimal(repr(self.value)) + side * Decimal(5).scaleb(-self.decimals - 1)
        return float(number)

    def rounds(self, values: Any) -> Any:
        """
        Whether values print so: rounded half-up, or half to even as R does; or meet the relation.

        Parameters
        ----------
        values : array_like of float
            NaN prints as nothing.

        Returns
        -------
        ndarray of bool, same shape
        """
        values = np.asarray(values, dtype=float)
        if self.relation != "=":
            compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
            return compare[self.relation](values, self.value)
        slack = SLACK * max(abs(self.low), abs(self.high))
        flat = values.ravel()
        inside = (flat >= self.low - slack) & (flat <= self.high + slack)
        # only at the ends does the way of rounding matter
        for i in np.flatnonzero(inside & (np.minimum(flat - self.low, self.high - flat) <= slack)):
            inside[i] = self.value in _roundings(float(flat[i]), self.decimals)
        return inside.reshape(values.shape)

    def cuts(self, values: Any) -> Any:
        """Whether values print so when the decimals that follow are cut off; false for "<" and ">"."""
        values = np.asarray(values, dtype=float)
        if self.relation != "=":
            return np.zeros(values.shape, bool)
        slack = SLACK * max(abs(self.value), self.unit)
        beyond = np.abs(values) - abs(self.value)
        return (beyond >= -slack) & (beyond < self.unit - slack) & (values * self.value >= 0)

    def rounds_twice(self, value: float) -> bool:
        """Whether a value prints so if it is rounded to one more decimal first."""
        once = float(formats.half_up(value, self.decimals + 1))
        return self.relation == "=" and float(formats.half_up(once, self.decimals)) == self.value


def parse(text: str) -> Printed:
    """
    Read a printed number.

    Parameters
    ----------
    text : str
        "0.70", "39", "39%", "1,059", "<0.001", "P = 0.036".

    Returns
    -------
    Printed

    Raises
    ------
    ValueError
        If it is not a number: what is wrong with it, in words.
    """
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        hint = ": use a decimal point" if re.fullmatch(r"\s*[<>]?\s*\d+,\d+\s*", text) else ""
        raise ValueError(f"{text!r} is not a number as printed{hint}")
    digits = match[2].replace(",", "")
    return Printed(text, float(digits), len(digits.partition(".")[2]), RELATIONS[match[1] or ""])


def _roundings(value: float, decimals: int) -> set[float]:
    # R and C round the double itself, half to even; journals round its shortest decimal, half up
    return {float(formats.half_up(value, decimals)), float(f"{value:.{decimals}f}")}
