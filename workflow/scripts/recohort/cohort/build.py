"""From the extract to the cohort: duplicates, logic across fields, inclusion steps; no row is lost."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from recohort.base.errors import RecohortError
from recohort.cohort import codebook, duplicates, ledger
from recohort.cohort.attrition import Flow, Reasons
from recohort.cohort.codebook import Change, Marks
from recohort.cohort.follow_up import follow
from recohort.extract import identifier, text_column
from recohort.protocol import expressions

ALIKE = "ids that look the same"
NORMAL_FORM = "in the normal form of ids"
RESEMBLES = "kept apart from an id that differs by case, a dash or the script of a letter alone"


class Cohort(NamedTuple):
    """
    patients : DataFrame, one row per unit in the cohort (patient-level).
    attrition : DataFrame, the flow: rows read, merged, quarantined, excluded by each step, left.
    ledger : DataFrame, one row per changed cell of all rows read, and per row of a joined file that is unused
        (patient-level); texts are categories.
    quarantine : DataFrame, one row per refused row with every reason (patient-level).
    cleaning : DataFrame, rows of the ledger per variable, or joined file, and rule (aggregate).
    """

    patients: pd.DataFrame
    attrition: pd.DataFrame
    ledger: pd.DataFrame
    quarantine: pd.DataFrame
    cleaning: pd.DataFrame


def wanted(protocol: Any) -> set[str]:
    """The columns of the extract that `build` reads, as a set of str."""
    variables = protocol.codebook.values()
    return {protocol.extract["id"]} | {v.column for v in variables if v.column is not None}


def build(
    frame: pd.DataFrame,
    refused: list[Any],
    protocol: Any,
    may_be_empty: Collection[tuple[str, str]] = frozenset(),
) -> Cohort:
    """
    Build the cohort of a study.

    Parameters
    ----------
    frame : DataFrame
        The joined extract: text columns and `row`, from `extract.read.assemble`.
    refused : list of extract.delimited.Refused
        Rows of the extract that could not be split into fields, and rows of joined files that are not used:
        these have their place in the ledger.
    protocol : Protocol
    may_be_empty : set of (str, str)
        As of `codebook.clean`.

    Returns
    -------
    Cohort
        Rows read = in the cohort + excluded by a named step + merged as duplicates + quarantined; asserted.

    Raises
    ------
    RecohortError
        If a column is missing, a level never occurs, or no row is left after the quarantine or a step.
    """
    refused, unjoined = [row for row in refused if not row.file], [row for row in refused if row.file]
    for column in (protocol.extract["id"], *_grouping(protocol)):
        codebook.has_column(frame, column, protocol.study)
    ids, rewritten = _identifiers(frame, protocol)
    alike = _alike(frame, protocol)
    frame, regrouped = _in_normal_form(frame, protocol)
    cleaned = codebook.clean(frame, protocol.codebook, protocol.missing, protocol.study, may_be_empty)
    followed = {
        name: follow(endpoint, cleaned.columns, protocol.codebook)
        for name, endpoint in protocol.endpoints.items()
    }
    is_identified = ~_is_missing(ids, protocol)
    for rows, _ in alike.values():
        is_identified[rows] = False
    merged, conflicting = duplicates.find(ids, is_identified, protocol.codebook, cleaned)
    reasons = _reasons(frame, ids, alike, conflicting, cleaned, followed, protocol)

    flow = _flow(len(frame), refused, merged, reasons)
    sound = ~merged & ~reasons.refuses()
    if not sound.any():
        raise _all_refused(reasons, protocol)
    members = _members(sound, ids, cleaned.columns, flow, protocol)

    lines = np.concatenate([frame["row"], np.array([row.row for row in unjoined], dtype=int)])
    changes = [
        rewritten,
        regrouped,
        cleaned.changes,
        *_of_endpoints(followed),
        _unjoined(unjoined, len(frame)),
    ]
    changed = ledger.table(codebook.together(changes), lines)
    built = Cohort(
        _patients(frame, ids, cleaned.columns, followed, members, protocol),
        flow.table(),
        changed,
        reasons.table(~merged, refused),
        ledger.counts(changed),
    )
    _conserve(built, lines[: len(frame)], refused)
    return built


def _identifiers(frame: pd.DataFrame, protocol: Any) -> tuple[text_column.Texts, Marks]:
    """The identifiers as they are compared, and the Marks of those written otherwise or like another."""
    column = protocol.extract["id"]
    ids, marked = _compared(frame, column, "id", protocol)
    if protocol.extract.get("id_same") != "distinct":
        identified = ids._replace(codes=ids.codes[~_is_missing(ids, protocol)])
        resembling = np.unique(identified.codes[identifier.resemble(identified)])
        texts = ids.distinct.take(resembling).to_pylist()
        said = {
            code: Change("id", column, text, text, RESEMBLES)
            for code, text in zip(resembling, texts, strict=True)
        }
        marked = codebook.together([marked, codebook.marks(ids, said)])
    return ids, marked


def _in_normal_form(frame: pd.DataFrame, protocol: Any) -> tuple[pd.DataFrame, Marks]:
    """The frame with the texts of `_grouping` as identifiers are compared, and the Marks of those changed."""
    marked = []
    for column, name in _grouping(protocol).items():
        compared, rewritten = _compared(frame, column, name, protocol)
        frame = frame.assign(**{column: text_column.series(compared)})
        marked.append(rewritten)
    return frame, codebook.together(marked)


def _compared(
    frame: pd.DataFrame, column: str, variable: str, protocol: Any
) -> tuple[text_column.Texts, Marks]:
    """The texts of a column in the form in which identifiers are compared, and the Marks of the others."""
    is_distinct = protocol.extract.get("id_same") == "distinct"
    written, form = text_column.of(frame[column]), identifier.form(protocol.extract)
    compared, changed = (text_column.strip if is_distinct else identifier.normal_texts)(written)
    said = {}
    for code, raw in zip(changed, written.distinct.take(changed).to_pylist(), strict=True):
        clean = form(raw)
        said[code] = Change(variable, column, raw, clean, "trimmed" if clean == raw.strip() else NORMAL_FORM)
    return compared, codebook.marks(written, said)


def _alike(frame: pd.DataFrame, protocol: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By column the rows whose text looks like another, and these texts; none where the protocol rules."""
    if "id_same" in protocol.extract:
        return {}
    found = {}
    for column in {protocol.extract["id"]: "id", **_grouping(protocol)}:
        written = text_column.of(frame[column])
        where = np.flatnonzero(identifier.collide(written))
        texts = written.at(where)
        is_known = [identifier.normal(text) not in {"", *protocol.missing} for text in texts]
        found[column] = (where[is_known], texts[is_known])
    return found


def _grouping(protocol: Any) -> dict[str, str]:
    """Columns of text that say which rows belong together, beside the identifier, and their variables."""
    steps = [*protocol.cohort, *(step for p in protocol.populations.values() for step in p.steps)]
    clusters = [analysis.options.get("cluster") for analysis in protocol.analyses.values()]
    names = {*(step.per for step in steps), *clusters}
    return {
        variable.column: name
        for name, variable in protocol.codebook.items()
        if variable.type == "text"
        and variable.column is not None
        and (name in names or variable.column == protocol.extract["id"])
    }


def _is_missing(ids: text_column.Texts, protocol: Any) -> np.ndarray:
    is_missing: np.ndarray = text_column.is_in(ids, {"", *protocol.missing})
    return is_missing


def _reasons(
    frame: pd.DataFrame,
    ids: text_column.Texts,
    alike: dict[str, tuple[np.ndarray, np.ndarray]],
    conflicting: np.ndarray,
    cleaned: codebook.Cleaned,
    followed: dict[str, Any],
    protocol: Any,
) -> Reasons:
    reasons, found, id_column = Reasons(frame["row"].to_numpy(), ids), cleaned.columns, protocol.extract["id"]

    def refuse(reason: str, where: np.ndarray, variables: Iterable[str] = ()) -> None:
        positions = np.flatnonzero(where)
        read = dict.fromkeys(protocol.codebook[name].column for name in variables)
        texts = {column: text_column.of(frame[column]).at(positions) for column in read if column is not None}
        for i, position in enumerate(positions):
            raw = ", ".join(column[i] for column in texts.values())
            reasons.add(reason, position, ", ".join(texts), raw)

    for column, (positions, written) in alike.items():
        for position, raw in zip(positions, written, strict=True):
            reasons.add(ALIKE, position, column, raw, f"one is {ascii(raw)}")
    of_id = {"id missing": _is_missing(ids, protocol), "one id, different contents": conflicting}
    for reason, where in of_id.items():
        positions = np.flatnonzero(where)
        for position, id_ in zip(positions, ids.at(positions), strict=True):
            reasons.add(reason, position, id_column, id_)
    for position, said in zip(cleaned.problems.positions, cleaned.problems.which, strict=True):
        problem = cleaned.problems.said[said]
        reasons.add("a cell cannot be read", position, problem.column, problem.raw, problem.reason)
    for variable in protocol.codebook.values():
        if variable.required:
            refuse(f"{variable.label} is missing", ~found[variable.name].known, [variable.name])
    for entry in protocol.checks:
        held = expressions.condition(entry.require, found)
        refuse(entry.check, held.known & ~held.values, expressions.names(expressions.parse(entry.require)))
    for name, endpoint in protocol.endpoints.items():
        used = [part for part in (endpoint.start, endpoint.end, endpoint.time) if part is not None]
        refuse(f"{endpoint.label}: follow-up ends before it starts", followed[name].is_backwards, used)
    return reasons


def _all_refused(reasons: Reasons, protocol: Any) -> RecohortError:
    found = reasons.most_common()
    problem = f"every row is in the quarantine, most often as here: {found.pop('problem')}"
    return RecohortError(
        problem, study=protocol.study, **found, remedy="Correct the codebook or the extract."
    )


def _flow(n: int, refused: list[Any], merged: np.ndarray, reasons: Reasons) -> Flow:
    """The flow of n rows and those that were never split, as far as no criterion is asked."""
    flow = Flow(n + len(refused))
    for reason, n_rows in Counter(row.reason for row in refused).items():
        flow.remove(reason, "quarantined", n_rows)
    for reason, n_rows in reasons.counts(~merged).items():
        flow.remove(reason, "quarantined", n_rows)
    flow.remove("identical duplicate of an earlier row", "merged", int(merged.sum()))
    return flow


def _members(
    sound: np.ndarray, ids: text_column.Texts, found: codebook.Columns, flow: Flow, protocol: Any
) -> dict[str, np.ndarray]:
    """Which rows are in each population, bool of shape (n,); `all` is the cohort."""
    kept = _steps("cohort", protocol.cohort, sound, ids, found, flow, protocol)
    flow.close()
    members = {"all": kept}
    for name, population in list(protocol.populations.items())[1:]:
        flow.open(name, int(kept.sum()))
        members[name] = _steps(f"populations.{name}", population.steps, kept, ids, found, flow, protocol)
        flow.close()
    return members


def _steps(
    key: str,
    steps: Iterable[Any],
    inside: np.ndarray,
    ids: text_column.Texts,
    found: codebook.Columns,
    flow: Flow,
    protocol: Any,
) -> np.ndarray:
    """The rows that meet all steps, of those inside; each removal goes into the flow."""
    inside = inside.copy()
    for i, step in enumerate(steps):
        before = int(inside.sum())
        if step.keep is not None:
            held = expressions.condition(step.keep, found)
            keep, known = held.known & held.values, held.known
        else:
            known = found[step.per].known
            keep = _first(step, inside & known, ids, found, protocol.codebook)
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


def _first(
    step: Any, inside: np.ndarray, ids: text_column.Texts, found: codebook.Columns, book: dict[str, Any]
) -> np.ndarray:
    """The first row per unit of those inside, sorted by the step's variables (missing last), then by id."""
    where = np.flatnonzero(inside)
    units = found.folded[step.per]
    _, of_value = np.unique(units.values.astype(str), return_inverse=True)
    unit = units.spread(of_value, where)
    keys = [_rank(found.folded[name], book[name], where) for name in step.first]
    order = np.lexsort((text_column.ranks(ids)[where], *reversed(keys), unit))
    keep = np.zeros(len(inside), dtype=bool)
    keep[where[order[np.unique(unit[order], return_index=True)[1]]]] = True
    return keep


def _rank(column: codebook.Column, variable: Any, where: np.ndarray) -> np.ndarray:
    """The place of each value in ascending order, of a level in the order of the codebook; missing last."""
    ranks = np.full(len(column.known), np.iinfo(int).max)
    values = column.values[column.known]
    if variable.is_factor:
        ranks[column.known] = [variable.levels.index(level) for level in values]
    else:
        _, ranks[column.known] = np.unique(values, return_inverse=True)
    return column.spread(ranks, where)


def _patients(
    frame: pd.DataFrame,
    ids: text_column.Texts,
    found: codebook.Columns,
    followed: dict[str, Any],
    members: dict[str, np.ndarray],
    protocol: Any,
) -> pd.DataFrame:
    """The table of the rows in the cohort."""
    where = np.flatnonzero(members["all"])
    data = {"row": frame["row"].to_numpy()[where], "id": ids.at(where)}
    for name, variable in protocol.codebook.items():
        data[name] = _typed(found.folded[name], variable, where)
    for name, endpoint in followed.items():
        data[f"{name}_time_days"] = endpoint.time_days[where]
        data[f"{name}_event"] = endpoint.event[where]
        if endpoint.entry_days is not None:
            data[f"{name}_entry_days"] = endpoint.entry_days[where]
    data |= {f"in_{name}": inside[where] for name, inside in members.items()}
    return pd.DataFrame(data, copy=False)


def _typed(column: codebook.Column, variable: Any, where: np.ndarray) -> Any:
    """A column of the cohort: categories, datetime64[ms], float or text."""
    values, known = column.values, column.known
    if variable.is_factor:
        codes = np.full(len(values), -1, np.min_scalar_type(-len(variable.levels)))
        codes[known] = [variable.levels.index(level) for level in values[known]]
        return pd.Categorical.from_codes(column.spread(codes, where), categories=list(variable.levels))
    if variable.type == "date":
        values = values.astype("datetime64[ms]")
    return column.spread(values, where)


def _of_endpoints(followed: dict[str, Any]) -> Iterator[Marks]:
    """The Marks of each endpoint that was set to missing, or had a time made equal to another."""
    for name, endpoint in followed.items():
        yield _marked(name, endpoint.is_late, "set to missing: entry not before the end of follow-up")
        yield _marked(name, endpoint.is_tied, "tied: a time differed from another by rounding only")


def _marked(name: str, where: np.ndarray, rule: str) -> Marks:
    positions = np.flatnonzero(where)
    return Marks(positions, np.zeros_like(positions), [Change(name, "", "", "", rule)])


def _unjoined(rows: list[Any], first: int) -> Marks:
    """Rows of joined files that are not used, at positions behind those of the extract."""
    said = [Change(row.file, row.detail, row.raw, "", row.reason) for row in rows]
    return Marks(first + np.arange(len(rows)), np.arange(len(rows)), said)


def _conserve(built: Cohort, lines: np.ndarray, refused: list[Any]) -> None:
    """The conservation law: no row of the file is lost, none is counted twice, none is made up."""
    flow = built.attrition[built.attrition["population"] == "all"]
    n = flow.groupby("kind")["n"].sum()
    removed = n.drop(["read", "cohort"]).sum()
    if n["read"] != len(
        np.unique(np.concatenate([lines, np.array([row.row for row in refused], dtype=int)]))
    ):
        raise AssertionError("rows read differ from the lines of the file")
    if n["read"] - removed != len(built.patients) or n.get("quarantined", 0) != len(built.quarantine):
        raise AssertionError("rows read differ from those in the cohort, excluded, merged and quarantined")
