"""From a cleaned extract to the cohort: duplicates, logic, endpoints and inclusion steps, with every row accounted for."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort import codebook, expressions
from recohort.errors import RecohortError
from recohort.expressions import Values
from recohort.protocol import DAYS

ATTRITION = ["population", "order", "step", "kind", "n", "n_unknown", "n_left"]
QUARANTINE = ["row", "id", "column", "raw", "reason"]


class Cohort(NamedTuple):
    """
    patients : DataFrame, one row per unit in the cohort (patient-level).
    attrition : DataFrame, the flow: rows read, merged, quarantined, excluded by each step, left.
    ledger : DataFrame, one row per changed cell (patient-level).
    quarantine : DataFrame, one row per refused row with every reason (patient-level).
    cleaning : DataFrame, cells changed per column and rule (aggregate).
    """

    patients: pd.DataFrame
    attrition: pd.DataFrame
    ledger: pd.DataFrame
    quarantine: pd.DataFrame
    cleaning: pd.DataFrame


def build(frame, refused, protocol):
    """
    Build the cohort of a study.

    Parameters
    ----------
    frame : DataFrame
        The joined extract: text columns and `row`.
    refused : list of (int, str, str)
        Line, reason and raw text of rows that could not be split into fields.
    protocol : Protocol

    Returns
    -------
    Cohort
        Rows read = in the cohort + excluded by a named step (duplicates merged among them) + quarantined; asserted.

    Raises
    ------
    RecohortError
        If the id is not a column, or no row is left after a step.
    """
    study, id_column = protocol.study, protocol.extract["id"]
    if id_column not in frame:
        raise RecohortError("is not a column of the extract", study=study, column=id_column,
                            remedy=codebook.nearest(id_column, frame.columns.drop("row")))  # fmt: skip
    cleaned = codebook.clean(frame, protocol.codebook, protocol.extract.get("missing", ()), study)
    columns = cleaned.columns
    ids = frame[id_column].str.strip().to_numpy(object)
    missing = {"", *protocol.extract.get("missing", ())}
    merged, conflicting = _duplicates(ids, missing, cleaned, protocol.codebook)
    times, entry_ledger = _endpoints(protocol, columns, frame["row"].to_numpy())

    reasons = _Reasons(frame, ids)
    reasons.add("id missing", np.isin(ids, list(missing)), id_column)
    reasons.add("one id, different contents", conflicting, id_column)
    for problem in cleaned.problems.itertuples():
        reasons.add_one("a cell cannot be read", problem.position, problem.column, problem.raw, problem.reason)
    for variable in protocol.codebook.values():
        if variable.required:
            reasons.add(f"{variable.label} is missing", ~columns[variable.name].known, variable.name)
    for name, require in protocol.checks.items():
        held = _condition(require, columns, f"checks.{name}", study)
        reasons.add(name, held.known & ~held.values, "")
    for endpoint, days in times.items():
        reasons.add(f"{protocol.endpoints[endpoint].label}: follow-up ends before it starts", days["time"] < 0, "")

    flow = _Flow(len(frame) + len(refused))
    flow.remove("all", "a row has too many or too few fields", "quarantined", len(refused))
    sound = reasons.none & ~merged
    for reason, n in reasons.counts(~merged):
        flow.remove("all", reason, "quarantined", n)
    flow.remove("all", "identical duplicate of an earlier row", "merged", int(merged.sum()))
    if not sound.any():
        raise RecohortError(f"every row is in the quarantine, {reasons.most_common()}", study=study,
                            remedy="See the codebook and the extract.")  # fmt: skip
    kept = _steps(protocol, "cohort", protocol.cohort, "all", sound, columns, flow)
    flow.close("all")
    members = {"all": kept}
    for population in list(protocol.populations.values())[1:]:
        flow.open(population.name, int(kept.sum()))
        members[population.name] = _steps(
            protocol, f"populations.{population.name}", population.steps, population.name, kept, columns, flow
        )
        flow.close(population.name)

    ledger = pd.concat([cleaned.ledger, entry_ledger], ignore_index=True)
    quarantine = reasons.table(refused, ~merged)
    n_excluded = int((sound & ~kept).sum())
    # the conservation law: no row is lost, none is counted twice
    if len(frame) + len(refused) != kept.sum() + n_excluded + merged.sum() + len(quarantine):
        raise AssertionError("rows read differ from rows in the cohort, excluded, merged and quarantined")
    return Cohort(
        _patients(frame, ids, columns, times, members, protocol)[kept].reset_index(drop=True),
        flow.table(),
        ledger,
        quarantine,
        ledger.groupby(["column", "rule"], sort=False).size().rename("n").reset_index(),
    )


def _duplicates(ids, missing, cleaned, variables):
    """Rows identical to an earlier one with the same id, and rows whose id stands for different contents."""
    candidates = pd.Series(ids).duplicated(keep=False).to_numpy() & ~np.isin(ids, list(missing))
    merged = conflicting = np.zeros(len(ids), dtype=bool)
    if not candidates.any():
        return merged, conflicting
    where = np.flatnonzero(candidates)
    contents = pd.DataFrame({
        name: np.where(column.known, column.values, None)[where]
        for name, column in cleaned.columns.items()
        if variables[name].column is not None
    }, dtype=object)  # fmt: skip
    position = dict(zip(where, range(len(where)), strict=True))
    for problem in cleaned.problems.itertuples():
        if problem.position in position:  # a cell that cannot be read is compared as it stands
            contents.loc[position[problem.position], f"{problem.column} as it stands"] = problem.raw
    contents = contents.fillna("").astype(str).assign(id=ids[where])
    repeats = contents.duplicated().to_numpy()
    several = contents[~repeats].groupby("id").size()
    clash = contents["id"].map(several).to_numpy() > 1
    merged, conflicting = merged.copy(), conflicting.copy()
    merged[where] = repeats & ~clash
    conflicting[where] = clash
    return merged, conflicting


def _endpoints(protocol, columns, rows):
    """Time, entry (days) and event (0/1) of each endpoint; missing where a part is unknown."""
    times, ledger = {}, []
    for endpoint in protocol.endpoints.values():
        if endpoint.time is not None:
            scale = DAYS[protocol.codebook[endpoint.time].unit]
            time = _number(columns[endpoint.time]) * scale
            entry = _number(columns[endpoint.entry]) * scale if endpoint.entry else None
        else:
            start = columns[endpoint.start]
            time = _days_between(start, columns[endpoint.end])
            entry = _days_between(start, columns[endpoint.entry]) if endpoint.entry else None
        variable, level = endpoint.event
        status = columns[variable]
        event = np.where(status.known, status.values == level, np.nan).astype(float)
        if entry is not None:
            # nobody is at risk before the start of the clock
            entry = np.maximum(entry, 0.0)
            late = entry >= time
            if late.any():
                ledger.append(pd.DataFrame({
                    "row": rows[late], "column": endpoint.name, "raw": "", "clean": "",
                    "rule": "set to missing: entry not before the end of follow-up",
                }))  # fmt: skip
            time = np.where(late, np.nan, time)
        known = ~np.isnan(time) & ~np.isnan(event) & (True if entry is None else ~np.isnan(entry))
        parts = {"time": np.where(known, time, np.nan), "event": np.where(known, event, np.nan)}
        if entry is not None:
            parts["entry"] = np.where(known, entry, np.nan)
        times[endpoint.name] = parts
    return times, pd.concat(ledger) if ledger else pd.DataFrame(columns=codebook.LEDGER)


def _number(column):
    return np.where(column.known, column.values, np.nan).astype(float)


def _days_between(start, end):
    days = (end.values - start.values) / np.timedelta64(1, "D")
    return np.where(start.known & end.known, days, np.nan)


def _steps(protocol, key, steps, population, inside, columns, flow):
    inside = inside.copy()
    for i, step in enumerate(steps):
        if step.keep is not None:
            held = _condition(step.keep, columns, f"{key}.{i}.keep", protocol.study)
            keep, unknown = held.known & held.values, int((inside & ~held.known).sum())
        else:
            keep, unknown = _first(step, columns, inside), 0
        flow.remove(population, step.step, "excluded", int((inside & ~keep).sum()), unknown)
        inside &= keep
        if not inside.any():
            raise RecohortError(f"no row is left after the step {step.step!r}", study=protocol.study,
                                key=f"{key}.{i}", remedy="Check the condition against the extract.")  # fmt: skip
    return inside


def _first(step, columns, inside):
    """The first row per unit among those inside, sorted by the step's variables, missing last."""
    where = np.flatnonzero(inside)
    order = pd.DataFrame({
        name: pd.Series(np.where(columns[name].known, columns[name].values, None)[where]).infer_objects()
        for name in step.first
    })  # fmt: skip
    order["unit"] = columns[step.per].values[where]
    first = order.sort_values(list(step.first), kind="stable", na_position="last").drop_duplicates("unit").index
    keep = np.zeros(len(inside), dtype=bool)
    keep[where[first]] = True
    return keep


def _condition(text, columns, key, study):
    try:
        return expressions.truth(expressions.evaluate(expressions.parse(text), columns))
    except (expressions.ExpressionError, TypeError) as error:
        raise RecohortError(str(error), study=study, key=key, remedy="Correct the expression.") from None


def _patients(frame, ids, columns, times, members, protocol):
    data = {"row": frame["row"].to_numpy(), "id": ids}
    for name, variable in protocol.codebook.items():
        column = columns[name]
        if variable.is_factor:
            codes = pd.Index(variable.levels).get_indexer(np.where(column.known, column.values, None))
            data[name] = pd.Categorical.from_codes(codes, categories=list(variable.levels))
        elif variable.type == "date":
            data[name] = np.where(column.known, column.values, np.datetime64("NaT")).astype("datetime64[s]")
        elif variable.type == "number":
            data[name] = _number(column)
        else:
            data[name] = np.where(column.known, column.values, None)
    for endpoint, parts in times.items():
        data[f"{endpoint}_time_days"] = parts["time"]
        data[f"{endpoint}_event"] = parts["event"]
        if "entry" in parts:
            data[f"{endpoint}_entry_days"] = parts["entry"]
    for population, inside in members.items():
        data[f"in_{population}"] = inside
    return pd.DataFrame(data)


class _Reasons:
    """Why rows are refused: every reason is kept, the first decides where the row is counted."""

    def __init__(self, frame, ids):
        self.rows, self.ids = frame["row"].to_numpy(), ids
        self.found = []  # (position, class, column, raw, detail)
        self.none = np.ones(len(frame), dtype=bool)

    def add(self, reason, where, column):
        for position in np.flatnonzero(where):
            self.add_one(reason, position, column, "", "")

    def add_one(self, reason, position, column, raw, detail):
        self.none[position] = False
        self.found.append((int(position), reason, column, raw, detail))

    def counts(self, counted):
        """Rows per reason, each row under its first one."""
        first = {}
        for position, reason, *_ in self.found:
            if counted[position]:
                first.setdefault(position, reason)
        return pd.Series(list(first.values()), dtype=object).value_counts(sort=False).items()

    def most_common(self):
        details = pd.Series([f"{reason} ({column} {detail})".replace(" )", ")") for _, reason, column, _, detail in self.found])
        return f"mostly because {details.mode()[0]}"

    def table(self, refused, counted):
        rows = {}
        for position, reason, column, raw, detail in self.found:
            if counted[position]:
                rows.setdefault(position, []).append((column, raw, f"{reason}: {detail}" if detail else reason))
        table = [
            (line, "", "", text, reason) for line, reason, text in refused
        ] + [
            (self.rows[position], self.ids[position], *(" | ".join(filter(None, part)) for part in zip(*found, strict=True)))
            for position, found in sorted(rows.items())
        ]  # fmt: skip
        return pd.DataFrame(table, columns=QUARANTINE).sort_values("row", kind="stable", ignore_index=True)


class _Flow:
    """The attrition table as it grows."""

    def __init__(self, n):
        self.rows = []
        self.open("all", n)

    def open(self, population, n):
        self.left = n
        self._add(population, "read", "read", n, 0)

    def remove(self, population, step, kind, n, unknown=0):
        # a step of the protocol is shown also when it removes nobody; the other removals only when they occur
        if n or kind == "excluded":
            self.left -= n
            self._add(population, step, kind, n, unknown)

    def close(self, population):
        self._add(population, "cohort", "cohort", self.left, 0)

    def _add(self, population, step, kind, n, unknown):
        self.rows.append((population, len(self.rows) + 1, step, kind, n, unknown, self.left))

    def table(self):
        return pd.DataFrame(self.rows, columns=ATTRITION)
