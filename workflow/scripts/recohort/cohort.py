"""From the extract to the cohort: duplicates, logic across fields, inclusion steps; no row is lost."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort import codebook, expressions
from recohort.accounting import Flow, Reasons
from recohort.codebook import Change
from recohort.errors import RecohortError
from recohort.followup import follow


class Cohort(NamedTuple):
    """
    patients : DataFrame, one row per unit in the cohort (patient-level).
    attrition : DataFrame, the flow: rows read, merged, quarantined, excluded by each step, left.
    ledger : DataFrame, one row per changed cell of all rows read (patient-level).
    quarantine : DataFrame, one row per refused row with every reason (patient-level).
    cleaning : DataFrame, cells changed per variable and rule (aggregate).
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
    refused : list of textfile.Refused
        Rows that could not be split into fields.
    protocol : Protocol

    Returns
    -------
    Cohort
        Rows read = in the cohort + excluded by a named step + merged as duplicates + quarantined; asserted.

    Raises
    ------
    RecohortError
        If a column is missing, a level never occurs, or no row is left after the quarantine or a step.
    """
    codebook.has_column(frame, protocol.extract["id"], protocol.study)
    written = frame[protocol.extract["id"]].to_numpy(object)
    ids = np.array([text.strip() for text in written], dtype=object)
    cleaned = codebook.clean(frame, protocol.codebook, protocol.missing, protocol.study)
    followed = {
        name: follow(endpoint, cleaned.columns, protocol.codebook)
        for name, endpoint in protocol.endpoints.items()
    }
    merged, conflicting = _duplicates(ids, protocol, cleaned)
    reasons = _reasons(frame, ids, conflicting, cleaned, followed, protocol)

    flow = Flow(len(frame) + len(refused))
    for reason in dict.fromkeys(row.reason for row in refused):
        flow.remove(reason, "quarantined", sum(row.reason == reason for row in refused))
    for reason, n in reasons.counts(~merged).items():
        flow.remove(reason, "quarantined", n)
    flow.remove("identical duplicate of an earlier row", "merged", int(merged.sum()))
    sound = ~merged & ~reasons.refuses()
    if not sound.any():
        raise _all_refused(reasons, protocol)
    kept = _steps("cohort", protocol.cohort, sound, ids, cleaned.columns, flow, protocol)
    flow.close()
    members = {"all": kept}
    for name, population in list(protocol.populations.items())[1:]:
        flow.open(name, int(kept.sum()))
        key = f"populations.{name}"
        members[name] = _steps(key, population.steps, kept, ids, cleaned.columns, flow, protocol)
        flow.close()

    patients = _patients(frame, ids, cleaned.columns, followed, members, protocol)
    changes = [
        *_trimmed(frame["row"], written, ids, protocol),
        *cleaned.changes,
        *_late(frame["row"], followed),
    ]
    ledger = pd.DataFrame(changes, columns=Change._fields)
    ledger = ledger.sort_values("row", kind="stable", ignore_index=True)
    built = Cohort(
        patients[kept].reset_index(drop=True),
        flow.table(),
        ledger,
        reasons.table(~merged, refused),
        ledger.groupby(["variable", "column", "rule"], sort=False).size().reset_index(name="n"),
    )
    _conserve(built)
    return built


def _duplicates(ids, protocol, cleaned):
    """Rows identical to an earlier one with the same id, and rows whose id stands for different contents."""
    columns = {v.name: cleaned.columns[v.name] for v in protocol.codebook.values() if v.column is not None}
    contents = {
        name: np.where(c.known, c.values.astype(str), "").astype(object) for name, c in columns.items()
    }
    for problem in cleaned.problems:
        # a cell that cannot be read is compared as it stands
        contents[problem.variable][problem.position] = f"{problem.raw} (unreadable)"
    rows = list(zip(ids, *contents.values(), strict=True))
    merged, seen, contents_of = np.zeros(len(ids), dtype=bool), set(), {}
    for position, row in enumerate(rows):
        merged[position] = row in seen
        seen.add(row)
        contents_of.setdefault(row[0], set()).add(row)
    identified = ~_is_missing(ids, protocol)
    conflicting = identified & np.array([len(contents_of[id_]) > 1 for id_ in ids])
    return merged & identified & ~conflicting, conflicting


def _is_missing(ids, protocol):
    return np.array([id_ == "" or id_ in protocol.missing for id_ in ids])


def _reasons(frame, ids, conflicting, cleaned, followed, protocol):
    reasons, columns = Reasons(frame["row"].to_numpy(), ids), cleaned.columns

    def refuse(reason, where, variables=()):
        read = [protocol.codebook[name].column for name in variables]
        texts = {column: frame[column].to_numpy(object) for column in read if column is not None}
        for position in np.flatnonzero(where):
            raw = ", ".join(column[position] for column in texts.values())
            reasons.add(reason, position, ", ".join(texts), raw)

    for position in np.flatnonzero(_is_missing(ids, protocol)):
        reasons.add("id missing", position, protocol.extract["id"], ids[position])
    for position in np.flatnonzero(conflicting):
        reasons.add("one id, different contents", position, protocol.extract["id"], ids[position])
    for problem in cleaned.problems:
        reasons.add("a cell cannot be read", problem.position, problem.column, problem.raw, problem.reason)
    for variable in protocol.codebook.values():
        if variable.required:
            refuse(f"{variable.label} is missing", ~columns[variable.name].known, [variable.name])
    for entry in protocol.checks:
        held = expressions.condition(entry.require, columns)
        refuse(entry.check, held.known & ~held.values, expressions.names(expressions.parse(entry.require)))
    for name, endpoint in protocol.endpoints.items():
        used = [part for part in (endpoint.start, endpoint.end, endpoint.time) if part is not None]
        refuse(f"{endpoint.label}: follow-up ends before it starts", followed[name].is_backwards, used)
    return reasons


def _all_refused(reasons, protocol):
    found = reasons.most_common()
    problem = f"every row is in the quarantine, most often as here: {found.pop('problem')}"
    return RecohortError(
        problem, study=protocol.study, **found, remedy="Correct the codebook or the extract."
    )


def _steps(key, steps, inside, ids, columns, flow, protocol):
    """The rows that meet all steps, of those inside; each removal goes into the flow."""
    inside = inside.copy()
    for i, step in enumerate(steps):
        before = int(inside.sum())
        if step.keep is not None:
            held = expressions.condition(step.keep, columns)
            keep, known = held.known & held.values, held.known
        else:
            known = columns[step.per].known
            keep = _first(step, inside & known, ids, columns, protocol.codebook)
        excluded, unknown = int((inside & ~keep).sum()), int((inside & ~known).sum())
        flow.remove(step.step, "excluded", excluded, unknown)
        inside &= keep
        if not inside.any():
            raise RecohortError(
                f"no row is left after the step {step.step!r}: of {before} rows {excluded - unknown} do not"
                f" meet it and {unknown} are unknown",
                study=protocol.study,
                key=f"{key}.{i}",
                remedy="Check the step against the extract.",
            )
    return inside


def _first(step, inside, ids, columns, codebook):
    """The first row per unit of those inside, sorted by the step's variables (missing last), then by id."""
    where = np.flatnonzero(inside)
    _, unit = np.unique(columns[step.per].values[where].astype(str), return_inverse=True)
    keys = [_rank(columns[name], codebook[name])[where] for name in step.first]
    _, by_id = np.unique(ids[where].astype(str), return_inverse=True)
    order = np.lexsort((by_id, *reversed(keys), unit))
    keep = np.zeros(len(inside), dtype=bool)
    keep[where[order[np.unique(unit[order], return_index=True)[1]]]] = True
    return keep


def _rank(column, variable):
    """The place of each value in ascending order, of a level in the order of the codebook; missing last."""
    ranks = np.full(len(column.known), np.iinfo(int).max)
    values = column.values[column.known]
    if variable.is_factor:
        ranks[column.known] = [variable.levels.index(level) for level in values]
    else:
        _, ranks[column.known] = np.unique(values, return_inverse=True)
    return ranks


def _patients(frame, ids, columns, followed, members, protocol):
    data = {"row": frame["row"].to_numpy(), "id": ids}
    for name, variable in protocol.codebook.items():
        values, known = columns[name]
        if variable.is_factor:
            codes = [
                variable.levels.index(level) if is_known else -1
                for level, is_known in zip(values, known, strict=True)
            ]
            data[name] = pd.Categorical.from_codes(codes, categories=list(variable.levels))
        elif variable.type == "date":
            data[name] = np.where(known, values, np.datetime64("NaT", "D")).astype("datetime64[ms]")
        elif variable.type == "number":
            data[name] = np.where(known, values, np.nan).astype(float)
        else:
            data[name] = np.where(known, values, None)
    for name, endpoint in followed.items():
        data[f"{name}_time_days"] = endpoint.time_days
        data[f"{name}_event"] = endpoint.event
        if endpoint.entry_days is not None:
            data[f"{name}_entry_days"] = endpoint.entry_days
    data |= {f"in_{name}": inside for name, inside in members.items()}
    return pd.DataFrame(data)


def _trimmed(rows, written, ids, protocol):
    column = protocol.extract["id"]
    return [
        Change(row, "id", column, text, id_, "trimmed")
        for row, text, id_ in zip(rows, written, ids, strict=True)
        if text != id_
    ]


def _late(rows, followed):
    rule = "set to missing: entry not before the end of follow-up"
    return [
        Change(row, name, "", "", "", rule)
        for name, endpoint in followed.items()
        for row in rows[endpoint.is_late]
    ]


def _conserve(built):
    """The conservation law: no row is lost, none is counted twice."""
    flow = built.attrition[built.attrition["population"] == "all"]
    n = flow.groupby("kind")["n"].sum()
    removed = n.drop(["read", "cohort"]).sum()
    if n["read"] - removed != len(built.patients) or n.get("quarantined", 0) != len(built.quarantine):
        raise AssertionError("rows read differ from those in the cohort, excluded, merged and quarantined")
