"""
The certificate: every Cox and logistic estimate beside that of a second engine.

It shares nothing with the modules that made the estimates: complete cases and dummies are made here, from the
cohort and the protocol, and the models are fitted by the libraries of `engines`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from recohort.base import result_files
from recohort.base.errors import RecohortError
from recohort.certificate.engines import Model, Refit, refit

KINDS = ("cox", "logistic")
COLUMN = ("term", "level", "reference")
COLUMNS = [
    *("study", "analysis", "outcome", "population", "model", *COLUMN, "measure"),
    *("engine", "version", "coefficient", "engine_coefficient", "std_error", "engine_std_error"),
    *("difference", "bound", "verdict", "reason"),
]
IDENTITY = COLUMNS[: COLUMNS.index("engine")]
AGREES, DIFFERS, NOT_CHECKED = "agrees", "differs", "not checked"
# of an estimate that is not checked, by its status
REASONS = {
    **{name: name for name in ("penalised", "exact", "imputed", "disputed", "failed")},
    "not-estimable": "not estimable",
    "ok": "no second engine converged",
}
SWITCHED_OFF = "Switched off in config.yaml: no estimate was checked by a second engine."


def stages(protocol: Any) -> list[str]:
    """The stages that fit the Cox and logistic models of a protocol, without repetition."""
    return list(dict.fromkeys(a.stage for a in protocol.analyses.values() if a.kind in KINDS))


def columns(protocol: Any) -> list[str]:
    """The columns of the cohort that the Cox and logistic models of a protocol need."""
    wanted = []
    for analysis in protocol.analyses.values():
        options = analysis.options
        if analysis.kind in KINDS:
            wanted += [f"in_{population}" for population in analysis.populations]
            roles = [role for role in ("terms", "outcome", "strata") if role in options]
            wanted += [name for role in roles for name in options[role]]
        if analysis.kind == "cox":
            endpoint = protocol.endpoints[options["endpoint"]]
            parts = ["time_days", "event"] + ["entry_days"] * (endpoint.entry is not None)
            wanted += [f"{endpoint.name}_{part}" for part in parts]
    return list(dict.fromkeys(wanted))


def certify(patients: Any, protocol: Any, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Every odds ratio and hazard ratio of a study's models, fitted again.

    Parameters
    ----------
    patients : DataFrame
        The cohort, with `columns(protocol)`.
    protocol : Protocol
    found : list of dict
        The study's estimates; those of other kinds, reference levels and global tests are passed over.

    Returns
    -------
    list of dict
        A row per estimate with COLUMNS. Coefficients and standard errors are on the log scale, and the
        verdict is AGREES, DIFFERS or NOT_CHECKED, the last with its reason.
    """
    models = defaultdict(list)
    for estimate in found:
        is_reference = estimate["level"] == estimate["reference"] != ""
        if estimate["kind"] in KINDS and estimate["measure"] in ("OR", "HR") and not is_reference:
            # each term has a univariable model of its own
            alone = estimate["term"] if estimate["model"] == "univariable" else ""
            model = (estimate[name] for name in ("analysis", "outcome", "population", "model"))
            models[*model, alone].append(estimate)
    return [row for estimates in models.values() for row in _of_model(patients, protocol, estimates)]


def _of_model(patients: Any, protocol: Any, estimates: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The certificate's rows for the estimates of one model."""
    theirs, reasons = None, REASONS
    if "cluster" in protocol.analyses[estimates[0]["analysis"]].options:
        reasons = {**REASONS, "ok": "robust standard errors"}
    elif any(estimate["status"] == "ok" for estimate in estimates):
        model, design_columns = _model(patients, protocol, estimates)
        theirs = refit(model, _coefficients(estimates, design_columns))
    for estimate in estimates:
        row = {name: estimate[name] for name in IDENTITY}
        if theirs is None or estimate["status"] != "ok":
            yield {**row, "verdict": NOT_CHECKED, "reason": reasons[estimate["status"]]}
        else:
            yield {**row, **_compared(estimate, theirs, design_columns)}


def _model(patients: Any, protocol: Any, estimates: list[dict[str, Any]]) -> tuple[Model, list[Any]]:
    """The model as the protocol has it, and the COLUMN of each column of its design."""
    analysis, outcome = protocol.analyses[estimates[0]["analysis"]], estimates[0]["outcome"]
    terms, strata = _terms(analysis, estimates), []
    if analysis.kind == "cox":
        strata = analysis.options["strata"]
        response = [f"{outcome}_time_days", f"{outcome}_event"]
    else:
        levels = analysis.options["outcome"].items()
        variable, level = next(pair for pair in levels if "=".join(pair) == outcome)
        response = [variable]
    known = patients[[*terms, *strata, *response]].notna().all(axis=1)
    rows = patients[patients[f"in_{estimates[0]['population']}"] & known]
    design = _design(rows, [protocol.codebook[term] for term in terms])
    for estimate in estimates:
        if estimate["status"] == "not-estimable":
            design.pop(tuple(estimate[name] for name in COLUMN), None)
    matrix = np.column_stack(list(design.values()))
    if analysis.kind == "logistic":
        return Model("logistic", matrix, (rows[variable] == level).to_numpy(float)), list(design)
    time_days, event = (rows[name].to_numpy() for name in response)
    entry = f"{outcome}_entry_days"
    model = Model(
        kind=f"cox, {analysis.options['ties']}",
        design=matrix,
        event=event,
        time_days=time_days,
        entry_days=rows[entry].to_numpy() if entry in rows else None,
        strata=rows.groupby(strata, observed=True).ngroup().to_numpy() if strata else None,
    )
    return model, list(design)


def _terms(analysis: Any, estimates: list[dict[str, Any]]) -> list[str]:
    """The terms of a model as the protocol has them; those of its estimates where p values chose them."""
    rule: Any = analysis.options["multivariable"]
    if estimates[0]["model"] == "multivariable" and rule == "all":
        terms: list[str] = analysis.options["terms"]
        return terms
    if estimates[0]["model"] == "multivariable" and isinstance(rule, list):
        return rule
    return list(dict.fromkeys(estimate["term"] for estimate in estimates))


def _design(rows: Any, variables: list[Any]) -> dict[tuple[str, str, str], np.ndarray]:
    """Numbers per their unit, and a dummy for each level that occurs and is not the reference, by COLUMN."""
    design = {}
    for variable in variables:
        values = rows[variable.name]
        if not variable.is_factor:
            design[variable.name, "", ""] = values.to_numpy() / variable.per
            continue
        reference = variable.reference or variable.levels[0]
        for level in variable.levels:
            if level != reference and (values == level).any():
                design[variable.name, level, reference] = (values == level).to_numpy(float)
    return design


def _coefficients(estimates: list[dict[str, Any]], design_columns: list[Any]) -> np.ndarray:
    """Our coefficient of each column of the design: NaN if it has no number, 0 if the model lacks it."""
    ours = {tuple(e[name] for name in COLUMN): np.log(e["estimate"] or np.nan) for e in estimates}
    return np.array([ours.get(column, 0.0) for column in design_columns])


def _compared(estimate: dict[str, Any], theirs: Refit, design_columns: list[Any]) -> dict[str, Any]:
    """The numbers of both engines and the verdict; theirs are NaN where the model has no such column."""
    column = tuple(estimate[name] for name in COLUMN)
    engine_coefficient = engine_std_error = np.nan
    if column in design_columns:
        position = design_columns.index(column)
        engine_coefficient, engine_std_error = theirs.coefficients[position], theirs.std_error[position]
    # a missing number is None, and differs
    coefficient, std_error = np.log(estimate["estimate"] or np.nan), estimate["std_error"] or np.nan
    apart = difference(coefficient, std_error, engine_coefficient, engine_std_error)
    return {
        "engine": theirs.package,
        "version": theirs.version,
        "coefficient": coefficient,
        "engine_coefficient": engine_coefficient,
        "std_error": std_error,
        "engine_std_error": engine_std_error,
        "difference": apart,
        "bound": theirs.bound,
        "verdict": AGREES if apart <= theirs.bound else DIFFERS,
        "reason": "",
    }


def difference(
    coefficient: float, std_error: float, engine_coefficient: float, engine_std_error: float
) -> float:
    """
    The relative difference of two engines: in the coefficient or in the standard error, whichever is larger.

    In a coefficient it is relative to the coefficient or, if that is smaller, to its standard error: what no
    reader could see would be large relative to a coefficient near 0.

    Returns
    -------
    float
        >= 0; NaN if a number is missing.
    """
    of_coefficient = abs(coefficient - engine_coefficient) / max(abs(engine_coefficient), engine_std_error)
    of_std_error = abs(std_error - engine_std_error) / engine_std_error
    return float(np.maximum(of_coefficient, of_std_error))


def check(rows: list[dict[str, Any]]) -> None:
    """
    Stop a run whose estimates a second engine does not confirm.

    Parameters
    ----------
    rows : list of dict
        As `certify` gives them.

    Raises
    ------
    RecohortError
        If a verdict is DIFFERS: the study, the model, the term and both values of the one that differs most.
    """
    differing = [row for row in rows if row["verdict"] == DIFFERS]
    if not differing:
        return
    row = max(differing, key=lambda row: np.nan_to_num(row["difference"], nan=np.inf))
    more = f"; {len(differing) - 1} more differ" if len(differing) > 1 else ""
    raise RecohortError(
        f"the log {row['measure']} of {' '.join(filter(None, [row['term'], row['level']]))} in the "
        f"{row['model']} model of {row['outcome']}, population {row['population']}, is "
        f"{row['coefficient']:.12g} (SE {row['std_error']:.12g}) here and {row['engine_coefficient']:.12g} "
        f"(SE {row['engine_std_error']:.12g}) by {row['engine']} {row['version']}, a difference of "
        f"{_short(row['difference'])} where {_short(row['bound'])} is allowed{more}",
        study=row["study"],
        key=f"analyses.{row['analysis']}",
        remedy="Delete its estimates.csv and run again; if they still differ, one engine is at fault: "
        "please report it.",
    )


def read(paths: Iterable[str | Path]) -> list[dict[str, Any]]:
    """The rows of several certificate.csv; None for a number where nothing was compared."""
    return result_files.CERTIFICATE.read(*paths)


def sentence(rows: list[dict[str, Any]]) -> str:
    """
    The certificate in a line.

    Parameters
    ----------
    rows : list of dict
        Of all studies.

    Returns
    -------
    str
        "214 Cox and logistic estimates, two engines (...), largest relative difference 3e-7.", and how many
        are not checked and why; "" if there are none at all.
    """
    checked = [row for row in rows if row["verdict"] == AGREES]
    reasons = Counter(row["reason"] for row in rows if row["verdict"] == NOT_CHECKED)
    said = []
    if checked:
        engines = sorted({f"{row['engine']} {row['version']}" for row in checked})
        largest = _short(max(row["difference"] for row in checked))
        said.append(
            f"{len(checked)} Cox and logistic estimates, two engines (recohort, and {' or '.join(engines)}), "
            f"largest relative difference {largest}."
        )
    if reasons:
        said.append(f"Not checked: {', '.join(f'{n} {reason}' for reason, n in reasons.items())}.")
    return " ".join(said)


def _short(difference: float) -> str:
    """A small number by its first digit and power of ten: 3e-7."""
    digit, _, exponent = f"{difference:.0e}".partition("e")
    return f"{digit}e{int(exponent)}" if exponent else digit
