"""
What is timed of recohort, from codes in memory to coefficients and covariance.

Each function takes a table, or the path of an extract, and returns what is timed, and what reads coefficients
and standard errors off the result.
"""

import numpy as np

from bench import shapes

# on the clock together; a replicate is their share
REPLICATES = 20


def cox_model(table):
    from recohort import cox
    from recohort.patterns import encode

    terms = _terms(table)
    return lambda: cox.fit(encode(terms), table["time"], table["event"]), _answer


def logistic_model(table):
    from recohort import logistic
    from recohort.patterns import encode

    terms = _terms(table)
    return lambda: logistic.fit(encode(terms), table["outcome"]), _answer


def battery_of_models(table):
    from recohort import battery

    terms, names = _terms(table), list(table.levels)

    def run():
        coded = battery.code(terms)
        arms = [None, table["arm"] == 1, table["arm"] == 0]
        models = []
        for suffix in ("", "_2"):
            endpoint = battery.cox(coded, table[f"time{suffix}"], table[f"event{suffix}"])
            for among in arms:
                models += [*endpoint.univariable(among), endpoint.fit(names, among)]
        for suffix in ("", "_2"):
            outcome = battery.logistic(coded, table[f"outcome{suffix}"])
            models += [outcome.fit(chosen) for chosen in [*([name] for name in names[:6]), names[:6]]]
        return models

    def answer(models):
        coefficients, std_errors = zip(*(_answer(model.fit) for model in models), strict=True)
        return np.concatenate(coefficients), np.concatenate(std_errors)

    return run, answer


def bootstrap_replicates(table):
    from recohort import bootstrap
    from recohort.patterns import encode

    terms, time, event = _terms(table), table["time"], table["event"]

    def run():
        return bootstrap.coefficients(encode(terms), time, event, replicates=REPLICATES, seed=shapes.SEED)

    def answer(replicates):
        """Of the first replicate, whose rows R is given as counts."""
        first = replicates.coefficients[0]
        return first, np.full(len(first), np.nan)

    return run, answer


def read(path):
    from recohort import codebook, extract
    from recohort.protocol import YES_NO, Variable

    flags = [Variable(f"flag_{k}", "flag", "", f"flag_{k}", levels=YES_NO) for k in range(1, 5)]
    grades = Variable("grade", "category", "", "grade", levels=("1", "2", "3"), recode={"G1": "1", "G2": "2"})
    variables = [
        Variable("diagnosis", "date", "", "diagnosis"),
        Variable("age", "number", "", "age", range=(18, 110)),
        grades,
        *flags,
    ]
    book = {variable.name: variable for variable in variables}

    def run():
        frame, _ = extract.read(path, {"path": path.name})
        return frame, codebook.clean(frame, book, missing=["", "NA"]).columns

    def answer(result):
        frame, columns = result
        days = columns["diagnosis"].values.astype(int)
        numbers = [_known_numbers(columns[variable.name], variable) for variable in variables[1:]]
        sums, counts = [values.sum() for values in numbers], [len(values) for values in numbers]
        return [len(frame), frame["id"].nunique(), days.sum(), *sums, *counts], []

    return run, answer


def _known_numbers(values, variable):
    """The known values as numbers: a flag as 1 and 0, a grade as what it says."""
    known = values.values[values.known]
    return (known == "yes").astype(float) if variable.type == "flag" else known.astype(float)


def _terms(table):
    from recohort.patterns import Term

    def levels(name):
        return tuple(map(str, range(table.levels[name]))) or None

    return [Term(name, table[name], levels(name)) for name in table.levels]


def _answer(fit):
    return fit.coefficients, fit.std_error


TASKS = {
    "cox": cox_model,
    "logistic": logistic_model,
    "battery": battery_of_models,
    "bootstrap": bootstrap_replicates,
    "read": read,
}
