"""Rules of disclosure control and small cross-tables."""

from recohort.disclosure import Rule

RULE = Rule(threshold=7, rounding=5)
EXACT = RULE._replace(rounding=1)


def crossed(table, columns=("Negative", "Positive", "")):
    return [
        {
            "analysis": "x", "population": "all", "row_term": "ihc", "row_level": row,
            "column_term": "fish", "column_level": column, "n": n,
        }
        for row, line in table.items()
        for column, n in zip(columns, line, strict=True)
    ]  # fmt: skip


SQUARE = {"no": (335, 25, 1372), "yes": (3, 38, 145)}
