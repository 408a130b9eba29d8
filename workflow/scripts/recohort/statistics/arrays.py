"""The types of arrays that statistics are computed on."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer]
Booleans = npt.NDArray[np.bool_]
# Labels, or numbers of either kind
Values = npt.NDArray[np.generic]
# What NumPy makes an array of: a list, an array, a column of a frame
Given = npt.ArrayLike
