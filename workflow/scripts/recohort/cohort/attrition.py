"""Every row accounted for: why rows are refused, and the flow from the rows read to the cohort."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

QUARANTINE = ["row", "id", "column", "raw", "reason"]
ATTRITION = ["population", "order", "step", "kind", "n", "n_unknown", "n_left"]


class Reasons:
    """
    Why rows are refused: every reason is kept, the first decides where a row is counted.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Line number of each row.
    ids : text_column.Texts, shape (n,)
        Their identifiers.
    """

    def __init__(self, rows: np.ndarray, ids: Any) -> None:
        self.rows, self.ids = rows, ids
        self.of_row: dict[int, list[tuple[str, str, str, str]]] = {}

    def add(self, reason: str, position: Any, column: str = "", raw: str = "", detail: str = "") -> None:
        """Refuse the row at a position (from 0): the reason without contents, the cell, and more about it."""
        text = f"{reason}: {detail}" if detail else reason
        self.of_row.setdefault(int(position), []).append((reason, column, raw, text))

    def refuses(self) -> np.ndarray:
        """Whether each row is refused, shape (n,)."""
        refused = np.zeros(len(self.rows), dtype=bool)
        refused[list(self.of_row)] = True
        return refused

    def counts(self, counted: np.ndarray) -> dict[str, int]:
        """Rows per reason among those counted (bool, shape (n,)), in the order reasons were found."""
        of_first = Counter(found[0][0] for position, found in self.of_row.items() if counted[position])
        return {reason: of_first[reason] for reason in self._in_order() if of_first[reason]}

    def most_common(self) -> dict[str, Any]:
        """The commonest reason, with its cell as found in the first row that has it."""
        found = [(position, *reason) for position, reasons in self.of_row.items() for reason in reasons]
        commonest = Counter((column, text) for _, _, column, _, text in found).most_common(1)[0][0]
        return next(
            {"row": self.rows[position], "column": column, "value": raw, "problem": text}
            for position, _, column, raw, text in found
            if (column, text) == commonest
        )

    def table(self, counted: np.ndarray, unsplit: list[Any]) -> pd.DataFrame:
        """The quarantine: a row per refused row, its reasons side by side; `unsplit` never had fields."""
        rows = [(r.row, "", "", r.raw, f"{r.reason}: {r.detail}" if r.detail else r.reason) for r in unsplit]
        positions = [position for position in self.of_row if counted[position]]
        for position, id_ in zip(positions, self.ids.at(positions), strict=True):
            _, columns, raws, texts = zip(*self.of_row[position], strict=True)
            cells = [" | ".join(parts) if any(parts) else "" for parts in (columns, raws, texts)]
            rows.append((self.rows[position], id_, *cells))
        return pd.DataFrame(rows, columns=QUARANTINE).sort_values("row", kind="stable", ignore_index=True)

    def _in_order(self) -> dict[str, None]:
        return dict.fromkeys(reason for found in self.of_row.values() for reason, *_ in found)


class Flow:
    """
    The attrition table as it grows.

    Parameters
    ----------
    n : int
        Rows read.
    """

    def __init__(self, n: int) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.open("all", n)

    def open(self, population: str, n: int) -> None:
        """Begin with the rows read, or a subgroup with the cohort."""
        self.population, self.left = population, n
        self._add("read", "read", n, 0)

    def remove(self, step: str, kind: str, n: int, unknown: int = 0) -> None:
        """Take n rows away, of which some are unknown; a criterion is shown also when it removes nobody."""
        if n or kind == "excluded":
            self.left -= n
            self._add(step, kind, n, unknown)

    def close(self) -> None:
        """End with the rows that are left."""
        self._add("cohort", "cohort", self.left, 0)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=ATTRITION)

    def _add(self, step: str, kind: str, n: int, unknown: int) -> None:
        self.rows.append((self.population, len(self.rows) + 1, step, kind, n, unknown, self.left))
