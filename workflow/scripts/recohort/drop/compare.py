"""Two drops of a study compared: everything that changed, as tables of rows."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from recohort.analyses import control, estimate
from recohort.analyses.estimates import Estimated
from recohort.base.errors import RecohortError
from recohort.cohort import codebook
from recohort.cohort.control import controlled_attrition
from recohort.cohort.follow_up import follow
from recohort.drop import (
    between_drops,
    cells,
    effects,
    follow_up,
    identity,
    patients,
    schema,
    unreadable,
    verdicts,
)
from recohort.extract import identifier
from recohort.extract import text_column as columns

PATIENTS = ["what", "n"]
ATTRITION = ["population", "step", "kind", "n_before", "n_after", "left_before", "left_after"]
OF_PATIENT = ["id", "change"]


class Extract(NamedTuple):
    """
    A drop as `extract.read.assemble` reads it.

    frame : DataFrame, text columns and `row`. refused : list of extract.delimited.Refused.
    """

    frame: Any
    refused: list[Any]


class Now(NamedTuple):
    """
    What the stages made of the newest drop.

    attrition : list of dict, rows of attrition.csv. estimated : Estimated, of all stages. ids : list of str,
    those in the cohort.
    """

    attrition: list[dict[str, Any]]
    estimated: Estimated
    ids: list[str]


class Comparison(NamedTuple):
    """
    What changed from one drop to the next; lists of dict with the columns named.

    schema : schema.COLUMNS. columns : cells.COLUMNS. patients : PATIENTS. followup : follow_up.COLUMNS.
    attrition : ATTRITION. estimates : effects.COLUMNS. verdicts : verdicts.COLUMNS.
    cells : cells.CHANGES, and of_patient : OF_PATIENT, both patient-level.
    shown_attrition, shown_estimates : the rows of attrition and estimates, in the same order, from numbers
    that may be shown.
    n_changed : dict of str to int, patients of the cohort that each step between the drops changes, from
    between_drops.n_changed.
    lost : Lost, what the earlier drop cannot give, as columns of it cannot be read; the rest is compared.
    n_lost : int, estimates of the newest drop that are not compared for that.
    swapped_back : Comparison or None, the same with the columns that changed places put back.
    put_back_in : str, "earlier" or "newest", the drop in which they are, and n_put_back : int, its rows that
    differ for it.
    reason : str, why something could not be compared; "" if everything was.
    refusal : RecohortError or None, the whole of it, which may quote a cell.
    """

    schema: list[Any] = []
    columns: list[Any] = []
    patients: list[Any] = []
    followup: list[Any] = []
    attrition: list[Any] = []
    estimates: list[Any] = []
    verdicts: list[Any] = []
    cells: list[Any] = []
    of_patient: list[Any] = []
    shown_attrition: list[Any] = []
    shown_estimates: list[Any] = []
    n_changed: dict[str, int] = {}
    lost: unreadable.Lost = unreadable.Lost()
    n_lost: int = 0
    swapped_back: Any = None
    n_put_back: int = 0
    put_back_in: str = ""
    reason: str = ""
    refusal: RecohortError | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether the two drops say the same, of rows that cannot be read too."""
        n = {row["what"]: row["n"] for row in self.patients}
        is_same = not (self.reason or self.lost.columns or self.schema or self.cells or self.of_patient)
        is_same &= all(row["n_before"] == row["n_after"] for row in self.attrition)
        return is_same and n["read"] == n["read before"]


def compare(
    before: Extract,
    after: Extract,
    now: Now,
    protocol: Any,
    confidence: float,
    publication: Any = None,
    backwards: Any = None,
) -> Comparison:
    """
    Compare two drops.

    Parameters
    ----------
    before, after : Extract
    now : Now
        Of the newer drop.
    protocol : Protocol
        Both are read as it says, and shown by its rule.
    confidence : float
    publication : recohort.audit.claims.Publication, optional
    backwards : DataFrame, optional
        The newer drop as `extract.read.assemble` gives it `backwards`, where the protocol has a prepare.py.

    Returns
    -------
    Comparison
        With a reason, and without follow-up, flow and estimates, if the earlier drop cannot be analysed as
        the protocol says; with a reason alone if the id does not identify patients.
    """
    before, after = (drop._replace(frame=columns.plain(drop.frame)) for drop in (before, after))
    id_column = protocol.extract["id"]
    if id_column not in before.frame:
        return Comparison(reason=f"the earlier drop has no column {id_column}, which identifies a patient")
    changing = between_drops.follow_up_columns(protocol)
    follows_order = backwards is not None and identity.follows_order(after.frame, backwards, id_column)
    # an id that is only written otherwise is the same one
    form = identifier.form(protocol.extract)
    then, latest = (of.frame.assign(**{id_column: of.frame[id_column].map(form)}) for of in (before, after))
    if follows_order or identity.names_others(then, latest, id_column, changing):
        return Comparison(reason=identity.refusal(then, latest, id_column, changing))
    found = _compared(before, after, now, protocol, confidence, publication)
    if not schema.origins(found.schema):
        return found
    return _with_swapped_back(found, before, after, now, protocol, confidence)


def _compared(
    before: Extract, after: Extract, now: Now, protocol: Any, confidence: float, publication: Any
) -> Comparison:
    matched = patients.match(before.frame, after.frame, protocol.extract, protocol.missing)
    changed = schema.compare(before.frame, after.frame, matched)
    before = before._replace(frame=schema.renamed(before.frame, changed))
    # again: whether the rows of a patient differ is judged by columns of one name
    matched = patients.match(before.frame, after.frame, protocol.extract, protocol.missing)
    counts, changes = cells.compare(before.frame, after.frame, matched)
    found = Comparison(
        schema=changed,
        columns=counts,
        patients=_patients(before.frame, after.frame, matched, changes),
        cells=changes,
        of_patient=_of_patient(matched, changes),
    )
    reduced, lost = unreadable.without(protocol, unreadable.columns(before.frame, protocol))
    found = found._replace(lost=lost)
    if lost.steps:
        problem = f"{next(iter(lost.columns.values()))}, and an inclusion step needs it"
        refusal = RecohortError(problem, study=protocol.study, column=next(iter(lost.columns)))
        return found._replace(reason=reason(refusal, protocol.rule), refusal=refusal)
    try:
        results = _results(before, after, now, matched, protocol, reduced, confidence, publication)
    except RecohortError as refusal:
        return found._replace(reason=reason(refusal, protocol.rule), refusal=refusal)
    results["columns"] = found.columns + results["columns"]
    results["patients"] = found.patients + results["patients"]
    return found._replace(**results)


def reason(refusal: RecohortError, rule: Any = None) -> str:
    """
    Why the earlier drop cannot be read or analysed, without a row or value of a patient.

    Parameters
    ----------
    refusal : RecohortError
    rule : recohort.disclosure.Rule, optional
        With one, nothing is said but the column: what went wrong may quote a cell.

    Returns
    -------
    str
    """
    column = refusal.where["column"]
    if rule is not None:
        what = f"its column {column}" if column else "the earlier drop"
        return f"{what} cannot be read as the protocol says; drop.log has more"
    return f"column {column}: {refusal.problem}" if column else refusal.problem


def _with_swapped_back(
    found: Comparison, before: Extract, after: Extract, now: Now, protocol: Any, confidence: float
) -> Comparison:
    """The comparison with another beside it, in which each column has the contents that belong to it."""
    before = before._replace(frame=schema.renamed(before.frame, found.schema))
    origins = schema.origins(found.schema)
    n_before, n_after = (_n_refused(drop.frame, origins, protocol) for drop in (before, after))
    if n_before > n_after:
        as_now = {name: before.frame[origin] for name, origin in origins.items()}
        n_put_back = _n_unlike(before.frame, as_now)
        before = before._replace(frame=before.frame.assign(**as_now))
        back = _compared(before, after, now, protocol, confidence, None)
        return found._replace(swapped_back=back, put_back_in="earlier", n_put_back=n_put_back)
    as_then = {origin: after.frame[name] for name, origin in origins.items()}
    n_put_back = _n_unlike(after.frame, as_then)
    after = after._replace(frame=after.frame.assign(**as_then))
    try:
        built, made = estimate.of_extract(after.frame, after.refused, protocol, confidence, _levels(protocol))
    except RecohortError as refusal:
        back = Comparison(reason=reason(refusal, protocol.rule), refusal=refusal)
    else:
        now = Now(built.attrition.to_dict("records"), made, built.patients["id"].tolist())
        back = _compared(before, after, now, protocol, confidence, None)
    return found._replace(swapped_back=back, put_back_in="newest", n_put_back=n_put_back)


def _n_unlike(frame: Any, columns: Any) -> int:
    """In how many rows some columns have other texts than those of a frame."""
    unlike = np.any([frame[name].to_numpy() != texts.to_numpy() for name, texts in columns.items()], axis=0)
    return int(unlike.sum())


def _n_refused(frame: Any, names: Any, protocol: Any) -> int:
    """How many cells of some columns cannot be read."""
    variables = [v for v in protocol.codebook.values() if v.column in names]
    return sum(unreadable.refused_cells(frame, variable, protocol.missing)[0] for variable in variables)


def _levels(protocol: Any) -> Any:
    """The levels that an extract need not have: all, as the newest drop was asked for them."""
    return codebook.every_level(protocol.codebook)


def _results(
    before: Extract,
    after: Extract,
    now: Now,
    matched: Any,
    protocol: Any,
    reduced: Any,
    confidence: float,
    publication: Any,
) -> Any:
    """What needs both drops read as the protocol says, by the names of Comparison."""
    may_be_empty = _levels(protocol)
    then, is_now = (
        codebook.clean(drop.frame, reduced.codebook, protocol.missing, protocol.study, may_be_empty).columns
        for drop in (before, after)
    )
    built, of_before = estimate.of_extract(before.frame, before.refused, reduced, confidence, may_be_empty)
    between = _between(before, after, reduced, confidence)
    flow = built.attrition.to_dict("records")

    def comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if unreadable.is_computed(row, protocol, reduced)]

    def moved(estimates: Callable[[Estimated], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        return effects.compare(
            estimates(of_before),
            comparable(estimates(now.estimated)),
            [estimates(step) for step in between],
            confidence,
        )

    of_now = comparable(now.estimated.rows)
    return {
        "columns": cells.compare_clean(then, is_now, matched),
        "patients": _members(built.patients["id"], now.ids),
        "followup": follow_up.compare(_followed(then, reduced), _followed(is_now, reduced), matched),
        "attrition": _attrition(flow, now.attrition),
        "shown_attrition": _attrition(
            *(controlled_attrition(rows, protocol.rule) for rows in (flow, now.attrition))
        ),
        "estimates": moved(lambda of_drop: of_drop.rows),
        "shown_estimates": moved(lambda of_drop: control.results(*of_drop, protocol.rule, confidence)[0]),
        "verdicts": verdicts.compare(publication, of_before.rows, of_now, protocol.data)
        if publication
        else [],
        "n_changed": between_drops.n_changed(
            then, is_now, matched, {*built.patients["id"], *now.ids}, reduced
        ),
        "n_lost": len(now.estimated.rows) - len(of_now),
    }


def _between(before: Any, after: Any, protocol: Any, confidence: float) -> list[Any]:
    """What the stages make of the extracts between the drops; nothing if one of them has no cohort."""
    recoded, updated = between_drops.between(before.frame, after.frame, protocol)
    try:
        of_recoded = estimate.of_extract(recoded, [], protocol, confidence, _levels(protocol))[1]
        if updated.equals(recoded):
            return [of_recoded, of_recoded]
        return [of_recoded, estimate.of_extract(updated, [], protocol, confidence, _levels(protocol))[1]]
    except RecohortError:
        return []


def _followed(values: Any, protocol: Any) -> dict[str, Any]:
    return {
        name: follow(endpoint, values, protocol.codebook) for name, endpoint in protocol.endpoints.items()
    }


def _patients(before: Any, after: Any, matched: Any, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts = {
        "read before": len(before),
        "read": len(after),
        "gone": len(matched.gone),
        "new": len(matched.new),
        "in both": len(matched.ids),
        "changed": len(_changed(matched, changes)),
    }
    return [{"what": what, "n": n} for what, n in counts.items()]


def _members(before: Any, after: Any) -> list[dict[str, Any]]:
    before, after = set(before), set(after)
    counts = {
        "in the cohort before": len(before),
        "in the cohort": len(after),
        "left the cohort": len(before - after),
        "entered the cohort": len(after - before),
    }
    return [{"what": what, "n": n} for what, n in counts.items()]


def _of_patient(matched: Any, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gone, new and changed patients by id."""
    kinds = {"gone": matched.gone, "new": matched.new, "changed": _changed(matched, changes)}
    return [{"id": id_, "change": kind} for kind, ids in kinds.items() for id_ in ids]


def _changed(matched: Any, changes: list[dict[str, Any]]) -> list[str]:
    """The ids of both drops with a changed cell, or with other rows than before."""
    several = {matched.ids[of_patient.place] for of_patient in matched.several_changed}
    return sorted({change["id"] for change in changes} | several)


def _attrition(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The two flows side by side; a step of one of them removes nobody in the other."""
    flows = [{(row["population"], row["step"], row["kind"]): row for row in rows} for rows in (before, after)]
    nobody = {"n": 0, "n_left": None}
    rows = []
    for key in dict.fromkeys([*flows[1], *flows[0]]):
        then, is_now = (flow.get(key, nobody) for flow in flows)
        found = dict(zip(("population", "step", "kind"), key, strict=True))
        found |= {"n_before": then["n"], "n_after": is_now["n"]}
        rows.append({**found, "left_before": then["n_left"], "left_after": is_now["n_left"]})
    return rows
