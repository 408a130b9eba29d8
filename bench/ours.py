"""
What is timed of recohort, from codes in memory to coefficients and covariance.

Each function takes a table, or the folder of an extract, and returns what is timed, and what reads the
coefficients and standard errors off the result.
"""

import numpy as np

from bench import export, shapes

# on the clock together; a replicate is their share
REPLICATES = 20
DEAD = ("vital_status", "dead")


def cox_model(table):
    from recohort.statistics.cox import fit as cox
    from recohort.statistics.design import encode
    from recohort.statistics.survival_rows import SurvivalRows

    terms = _terms(table)
    return lambda: cox.fit(encode(terms), SurvivalRows(table["time"], table["event"])), _answer


def logistic_model(table):
    from recohort.statistics import logistic
    from recohort.statistics.design import encode

    terms = _terms(table)
    return lambda: logistic.fit(encode(terms), table["outcome"]), _answer


def batch_of_models(table):
    from recohort.statistics import batch
    from recohort.statistics.coded_table import code_terms
    from recohort.statistics.survival_rows import SurvivalRows

    terms, names = _terms(table), list(table.levels)

    def run():
        coded = code_terms(terms)
        arms = [None, table["arm"] == 1, table["arm"] == 0]
        models = []
        for suffix in ("", "_2"):
            endpoint = batch.cox(coded, SurvivalRows(table[f"time{suffix}"], table[f"event{suffix}"]))
            for among in arms:
                models += [*endpoint.univariable(among), endpoint.fit(names, among)]
        for suffix in ("", "_2"):
            outcome = batch.logistic(coded, table[f"outcome{suffix}"])
            models += [outcome.fit(chosen) for chosen in [*([name] for name in names[:6]), names[:6]]]
        return models

    def answer(models):
        coefficients, std_errors = zip(*(_answer(model.fit) for model in models), strict=True)
        return np.concatenate(coefficients), np.concatenate(std_errors)

    return run, answer


def bootstrap_replicates(table):
    from recohort.statistics import bootstrap
    from recohort.statistics.design import encode
    from recohort.statistics.survival_rows import SurvivalRows

    terms = _terms(table)

    def run():
        rows = SurvivalRows(table["time"], table["event"])
        return bootstrap.coefficients(encode(terms), rows, replicates=REPLICATES, seed=shapes.SEED)

    def answer(replicates):
        """Of the first replicate, whose rows R is given as counts."""
        first = replicates.coefficients[0]
        return first, np.full(len(first), np.nan)

    return run, answer


def read(folder):
    from recohort.cohort import build as cohort
    from recohort.extract import read as extract

    protocol = _protocol()

    def run():
        paths, wanted = [folder / "extract.csv"], cohort.wanted(protocol)
        return cohort.build(*extract.assemble(protocol, paths, wanted=wanted), protocol)

    def answer(built):
        flow = built.attrition.groupby("kind")["n"].sum()
        counts = [flow.get(kind, 0) for kind in ("read", "quarantined", "merged", "excluded", "cohort")]
        patients = built.patients.drop(columns=["row", "id", "in_all"])
        columns = [_numbers(column) for _, column in patients.items()]
        sums, known = (
            [np.nansum(values) for values in columns],
            [np.isfinite(values).sum() for values in columns],
        )
        return [*counts, *sums, *known], []

    return run, answer


def _protocol():
    """How the export is read: its codebook, a check, an endpoint and two steps."""
    from recohort.protocol import model

    book = {name: {"type": "date", "range": ["2000-01-01", "2030-12-31"]} for name in export.DATES}
    book |= {
        name: {"type": "category", "levels": levels, "recode": others}
        for name, (levels, others) in export.FACTORS.items()
    }
    book |= {name: {"type": "flag"} for name in export.FLAGS}
    book |= {
        name: {"type": "number", "range": plausible} for name, (_, _, plausible, *_) in export.NUMBERS.items()
    }
    for name, coded in export.CODED_MISSING.items():
        book[name]["missing"] = coded
    variable, level = DEAD
    return model.made(
        {
            "title": "",
            "data": "synthetic",
            "extract": {"files": {"registry": "extract.csv"}, "id": "id", "missing": export.MISSING},
            "codebook": {name: {"label": "", **entry} for name, entry in book.items()},
            "checks": [{"check": "surgery before diagnosis", "require": "surgery >= diagnosis"}],
            "endpoints": {
                "os": {
                    "label": "",
                    "event": {variable: level},
                    "unit": "days",
                    "start": "diagnosis",
                    "end": "last_contact",
                }
            },
            "cohort": [{"step": "IHC known", "keep": "known(ihc)"}, {"step": "Adult", "keep": "age >= 18"}],
            "analyses": {},
        },
        "bench",
    )


def _numbers(column):
    """Levels as their places from 1, dates as days, NaN where missing."""
    if column.dtype.kind == "M":
        return column.to_numpy().astype("datetime64[D]").astype(float)
    if column.dtype == "category":
        return np.where(column.cat.codes < 0, np.nan, column.cat.codes + 1.0)
    return column.to_numpy()


def _terms(table):
    from recohort.statistics.design import Term

    def levels(name):
        return tuple(map(str, range(table.levels[name]))) or None

    return [Term(name, table[name], levels(name)) for name in table.levels]


def _answer(fit):
    return fit.coefficients, fit.std_error


TASKS = {
    "cox": cox_model,
    "logistic": logistic_model,
    "batch": batch_of_models,
    "bootstrap": bootstrap_replicates,
    "read": read,
}
