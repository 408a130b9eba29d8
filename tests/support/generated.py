"""Made-up rows that tests/reference/generator.R makes alike: what each line is for is said there."""

import numpy as np
import pandas as pd

PRIME = 67108859


def draw(stream, n):
    x = (np.arange(1, n + 1) + 1000003 * stream) % PRIME
    for _ in range(3):
        x = ((x * x) % PRIME * x + stream) % PRIME
    return x


def generated(n):
    """The first n rows, one column a covariate, a time, an outcome or a weight."""

    def share(stream):
        return draw(stream, n) / PRIME

    rows = {}
    for k, percent in enumerate((50, 40, 30, 20, 15, 10, 5, 60, 25, 35), start=1):
        rows[f"flag{k}"] = share(k) < percent / 100
    rows["rare"] = share(11) < 1 / 2000
    rows["age"] = 30 + draw(12, n) % 61
    rows["nodes"] = np.floor(1 / (share(13) + 0.02))
    for k in (2, 3):
        rows[f"grade{k}"] = draw(14, n) % 3 + 1 == k
    site = np.floor(5.99 * share(15) * share(16))
    for k in range(1, 6):
        rows[f"site{k}"] = site == k
    for k in range(1, 10):
        rows[f"region{k}"] = draw(17, n) % 10 == k
    for k in range(1, 13):
        rows[f"z{k}"] = 2 * (share(3 * k + 18) + share(3 * k + 19) + share(3 * k + 20) - 1.5)
    risk = (1 + 0.6 * rows["flag1"]) * (1 + 0.4 * rows["flag2"]) * (1 - 0.3 * rows["flag3"])
    risk = risk * (1 + 0.5 * rows["grade3"]) * (1 + (rows["age"] - 60) / 80) * (1 + rows["z1"] / 8)
    failure = 700 * share(61) / ((1.02 - share(61)) * risk)
    follow_up = 3000 * share(62)
    rows["exact"] = np.minimum(failure, follow_up)
    rows["days"] = 1 + np.floor(rows["exact"])
    rows["years"] = np.ceil(rows["days"] / 365.25)
    rows["event"] = failure <= follow_up
    rows["few"] = rows["event"] & (draw(63, n) % 200 == 0)
    rows["entry_days"] = np.floor(rows["days"] * share(64) * (draw(65, n) % 2))
    rows["entry_years"] = np.minimum(np.floor(rows["entry_days"] / 365.25), rows["years"] - 1)
    rows["centre"] = draw(66, n) % 50
    rows["weight"] = (1 + draw(67, n) % 3000) / 1000
    rows["count"] = draw(68, n) % 5
    rows["shift"] = share(69) - 0.5
    rows["outcome"] = share(70) < 0.4 * risk / (1 + 0.4 * risk)
    rows["seldom"] = share(71) < 0.002 * risk / (1 + 0.002 * risk)
    return pd.DataFrame(rows).astype(float)


def checksums(rows):
    """One whole number a column that depends on the order of the rows."""
    turn = np.arange(1, len(rows) + 1) % 97
    return {name: float(np.sum(np.floor(1000 * x) * turn)) for name, x in rows.items()}
