"""A small codebook, and what a built cohort is asked for."""

AGE = {"type": "number", "range": [18, 110], "label": "Age"}


IHC = {"type": "category", "levels": ["0", "2+", "3+"], "label": "IHC"}


DX = {"type": "date", "label": "Diagnosis"}


LAST = {"type": "date", "label": "Last contact"}


DEAD = {"type": "flag", "positive": ["1"], "negative": ["0"], "label": "Dead"}


OS = {
    "os": {
        "label": "Overall survival",
        "start": "dx",
        "end": "last",
        "event": {"dead": "yes"},
        "unit": "months",
    }
}


def flow(built):
    """The attrition table without its order."""
    return built.attrition.drop(columns="order").values.tolist()
