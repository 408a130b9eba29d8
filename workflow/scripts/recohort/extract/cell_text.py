"""Typed cells as the text that an export to CSV would have."""

from typing import Any

import numpy as np


def as_text(value: Any) -> str:
    """A typed cell as text: 1.0 as 1, dates as ISO, true and false as 1 and 0, missing as ""."""
    if value is None or value != value:  # nan and NaT differ from themselves
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (float, np.floating)):
        # str() of a single-precision number is its own shortest decimal: 1.3, not 1.2999999523162842
        return str(int(value)) if value.is_integer() else str(value)
    if hasattr(value, "isoformat"):
        written: str = value.isoformat().removesuffix("T00:00:00")
        return written
    return str(value)
