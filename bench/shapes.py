"""The tables that are timed: seeded, invented, and the same rows for every engine."""

import csv
from dataclasses import dataclass

import numpy as np

SEED = 20260
MISSING = -1
MAX_DAYS = 3000


@dataclass(frozen=True)
class Table:
    """
    Rows of one shape.

    Parameters
    ----------
    levels : dict of str to int
        The covariates, in order: how many levels each has, 0 for a number.
    columns : dict of str to ndarray, shape (n,)
        Covariates (int8 codes from 0, MISSING; or float64), times (int32 days or years), events and outcomes
        (int8), and what else a task needs.
    """

    levels: dict
    columns: dict

    def __getitem__(self, name):
        return self.columns[name]

    def __len__(self):
        return len(next(iter(self.columns.values())))

    @property
    def n_columns(self):
        """Columns of the design, without an intercept."""
        return sum(max(levels - 1, 1) for levels in self.levels.values())


def make(shape, n):
    """
    The first n rows of a shape; the same n gives the same rows.

    Parameters
    ----------
    shape : str
        A key of SHAPES.
    n : int

    Returns
    -------
    Table
    """
    return SHAPES[shape](np.random.default_rng([SEED, n]), n)


def registry(rng, n, mean_days=900, odds=0.6):
    """
    Eight flags and two factors; whole days of follow-up, censored between 100 and 3,000 days.

    mean_days, odds: mean time to the event, and odds of the outcome, of a row of reference levels.
    """
    shares = [(1 - p, p) for p in (0.1, 0.2, 0.3, 0.4, 0.5, 0.15, 0.25, 0.35)]
    codes = {f"flag_{k}": _codes(rng, n, share) for k, share in enumerate(shares, 1)}
    codes |= {"grade": _codes(rng, n, (0.2, 0.5, 0.3)), "age_group": _codes(rng, n, np.full(6, 1 / 6))}
    levels = dict.fromkeys(codes, 2) | {"grade": 3, "age_group": 6}
    return Table(levels, codes | _responses(rng, _registry_effect(codes), mean_days, odds))


def one_flag(rng, n):
    """The registry with its first flag as the only covariate."""
    table = registry(rng, n)
    return Table({"flag_1": 2}, table.columns)


def rare(rng, n):
    """The registry with one event in about a hundred rows."""
    return registry(rng, n, mean_days=150_000, odds=0.01)


def years(rng, n):
    """The registry with times in whole years: some thousands of tied events each."""
    table = registry(rng, n)
    return Table(table.levels, table.columns | {"time": np.ceil(table["time"] / 365.25).astype(np.int32)})


def skewed(rng, n):
    """Eight flags and two factors whose levels, but for the reference, have 1 % of the rows each."""
    codes = {f"flag_{k}": _codes(rng, n, (0.99, 0.01)) for k in range(1, 9)}
    codes |= {"grade": _codes(rng, n, (0.98, 0.01, 0.01)), "age_group": _codes(rng, n, (0.95, *[0.01] * 5))}
    levels = dict.fromkeys(codes, 2) | {"grade": 3, "age_group": 6}
    return Table(levels, codes | _responses(rng, _registry_effect(codes)))


def continuous(rng, n):
    """Ten numbers, no two rows alike, each correlated 0.3 with each other."""
    shared = rng.standard_normal(n) * np.sqrt(0.3)
    numbers = {f"x{k}": shared + rng.standard_normal(n) * np.sqrt(0.7) for k in range(1, 11)}
    effect = 0.3 * numbers["x1"] - 0.2 * numbers["x2"] + 0.1 * numbers["x3"]
    return Table(dict.fromkeys(numbers, 0), numbers | _responses(rng, effect))


def study(rng, n):
    """The registry with five more flags, cells missing, two arms, two endpoints and two outcomes."""
    table = registry(rng, n)
    more = {f"flag_{k}": _codes(rng, n, (0.7, 0.3)) for k in range(9, 14)}
    columns = table.columns | more | {"arm": _codes(rng, n, (0.5, 0.5))}
    second = _responses(rng, -0.5 * _registry_effect(columns))
    columns |= {f"{name}_2": values for name, values in second.items()}
    for name, share in {"flag_2": 0.03, "grade": 0.05}.items():
        columns[name] = np.where(rng.random(n) < share, np.int8(MISSING), columns[name])
    return Table(table.levels | dict.fromkeys(more, 2), columns)


def study_in_years(rng, n):
    """The study with age in whole years in place of groups: most rows have a pattern of their own."""
    table = study(rng, n)
    age = np.clip(np.round(rng.normal(60, 12, n)), 25, 95)
    return Table(table.levels | {"age_group": 0}, table.columns | {"age_group": age})


def resampled(table):
    """The table and, as `count`, how often each row is in recohort's first bootstrap replicate."""
    from recohort.statistics import bootstrap

    counts = bootstrap.counts_of(len(table), SEED, 0)
    return Table(table.levels, table.columns | {"count": counts.astype(np.int32)})


SHAPES = {
    "registry": registry,
    "one flag": one_flag,
    "few events": rare,
    "ties in years": years,
    "skewed levels": skewed,
    "continuous": continuous,
    "study": study,
    "study, age in years": study_in_years,
}


def save(table, folder):
    """Write a table as one raw file a column with columns.csv, which any engine reads, and models.csv."""
    with (folder / "columns.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "dtype", "levels"])
        for name, values in table.columns.items():
            values.tofile(folder / f"{name}.bin")
            # a column that is no covariate has no levels
            writer.writerow([name, values.dtype.name, table.levels.get(name, "")])
    with (folder / "models.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "suffix", "arm", "terms"])
        writer.writerows((*model, " + ".join(names)) for *model, names in models(table))


def load(folder):
    """The table that `save` has written."""
    with (folder / "columns.csv").open(newline="") as file:
        entries = list(csv.DictReader(file))
    levels = {entry["name"]: int(entry["levels"]) for entry in entries if entry["levels"]}
    columns = {
        entry["name"]: np.fromfile(folder / f"{entry['name']}.bin", entry["dtype"]) for entry in entries
    }
    return Table(levels, columns)


def design(table, names=None):
    """
    The design matrix that peers ask for.

    Parameters
    ----------
    table : Table
    names : list of str, optional
        Some of the covariates.

    Returns
    -------
    ndarray of float, shape (n, n_columns)
        Treatment contrasts against the first level; NaN where missing.
    """
    return np.concatenate([_block(table, name) for name in names or table.levels], axis=1)


def _block(table, name):
    values = table[name]
    if not table.levels[name]:
        return values[:, None]
    block = (values[:, None] == np.arange(1, table.levels[name])).astype(float)
    block[values == MISSING] = np.nan
    return block


def _codes(rng, n, shares):
    return rng.choice(len(shares), n, p=shares).astype(np.int8)


def _registry_effect(codes):
    return sum(beta * codes[f"flag_{k}"] for k, beta in enumerate((0.3, -0.2, 0.1, 0.5), 1))


def _responses(rng, effect, mean_days=900, odds=0.6):
    """A follow-up in whole days that ends with an event or censored, and a binary outcome."""
    n = len(effect)
    event_days = np.ceil(rng.exponential(mean_days / np.exp(effect)))
    censored_days = np.ceil(rng.uniform(100, MAX_DAYS, n))
    odds = odds * np.exp(effect)
    return {
        "time": np.minimum(event_days, censored_days).astype(np.int32),
        "event": (event_days <= censored_days).astype(np.int8),
        "outcome": (rng.random(n) < odds / (1 + odds)).astype(np.int8),
    }


def models(table):
    """
    The models of a study: 96 Cox and 14 logistic ones for 15 covariates.

    Yields
    ------
    kind : {"cox", "logistic"}
    suffix : str
        Of the endpoint or outcome: "" or "_2".
    arm : {"", 0, 1}
        "" for both.
    names : list of str
        The covariates: each alone, then together.
    """
    terms = list(table.levels)
    for suffix in ("", "_2"):
        for arm in ("", 1, 0):
            for names in [*([name] for name in terms), terms]:
                yield "cox", suffix, arm, names
    for suffix in ("", "_2"):
        for names in [*([name] for name in terms[:6]), terms[:6]]:
            yield "logistic", suffix, "", names
