"""The types of arrays that statistics are computed on, and sums that NumPy's types know too little of."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]
Booleans = npt.NDArray[np.bool_]
# Whole numbers, real numbers or labels: which of them is known only when the program runs
Values = npt.NDArray[Any]
# What NumPy makes an array of: a list, an array, a column of a frame
Given = npt.ArrayLike


def sums_by(index: Integers, values: Floats | Integers | Booleans, size: int = 0) -> Floats:
    """
    Sums of values with the same index.

    Parameters
    ----------
    index : ndarray of int, shape (n,)
    values : ndarray, shape (n,)
    size : int
        Of the result at least.

    Returns
    -------
    ndarray, shape (size,)
    """
    return np.bincount(index, values, size).astype(float, copy=False)
