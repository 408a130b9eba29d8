"""Two drops of a study compared: everything that changed, as tables of rows."""

from typing import NamedTuple

from recohort.analyses import estimate as fitted
from recohort.base.errors import RecohortError
from recohort.cohort import codebook
from recohort.cohort import control as cohort_control
from recohort.cohort.follow_up import follow
from recohort.drop import cells, effects, follow_up, hybrids, patients, schema, verdicts
from recohort.extract import text_column as columns

PATIENTS = ["what", "n"]
ATTRITION = ["population", "step", "kind", "n_before", "n_after", "left_before", "left_after"]
OF_PATIENT = ["id", "change"]


class Extract(NamedTuple):
    """
    A drop as `extract.assemble` reads it.

    frame : DataFrame, text columns and `row`. refused : list of textfile.Refused.
    """

    frame: object
    refused: list


class Now(NamedTuple):
    """
    What the stages made of the newest drop.

    attrition : list of dict, rows of attrition.csv. fitted : Fitted, of all stages. ids : list of str, those
    in the cohort.
    """

    attrition: list
    fitted: fitted.Fitted
    ids: list


class Comparison(NamedTuple):
    """
    What changed from one drop to the next; lists of dict with the columns named.

    schema : schema.COLUMNS. columns : cells.COLUMNS. patients : PATIENTS. followup : follow_up.COLUMNS.
    attrition : ATTRITION. estimates : effects.COLUMNS. verdicts : verdicts.COLUMNS.
    cells : cells.CHANGES, and of_patient : OF_PATIENT, both patient-level.
    shown_attrition, shown_estimates : the rows of attrition and estimates, in the same order, from numbers
    that may be shown.
    n_changed : dict of str to int, patients of the cohort that each step between the drops changes, from
    hybrids.n_changed.
    reason : str, why something could not be compared; "" if everything was.
    refusal : RecohortError or None, the whole of it, which may quote a cell.
    """

    schema: list = []
    columns: list = []
    patients: list = []
    followup: list = []
    attrition: list = []
    estimates: list = []
    verdicts: list = []
    cells: list = []
    of_patient: list = []
    shown_attrition: list = []
    shown_estimates: list = []
    n_changed: dict = {}
    reason: str = ""
    refusal: RecohortError | None = None

    @property
    def is_unchanged(self):
        """Whether the two drops say the same, of rows that cannot be read too."""
        n = {row["what"]: row["n"] for row in self.patients}
        is_same = not (self.reason or self.schema or self.cells or self.of_patient)
        is_same &= all(row["n_before"] == row["n_after"] for row in self.attrition)
        return is_same and n["read"] == n["read before"]


def compare(before, after, now, protocol, confidence, publication=None):
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

    Returns
    -------
    Comparison
        With a reason, and without follow-up, flow and estimates, if the earlier drop cannot be analysed as
        the protocol says.
    """
    before, after = (drop._replace(frame=columns.plain(drop.frame)) for drop in (before, after))
    id_column = protocol.extract["id"]
    if id_column not in before.frame:
        return Comparison(reason=f"the earlier drop has no column {id_column}, which identifies a patient")
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
    try:
        results = _results(before, after, now, matched, protocol, confidence, publication)
    except RecohortError as refusal:
        return found._replace(reason=reason(refusal, protocol.rule), refusal=refusal)
    results["columns"] = found.columns + results["columns"]
    results["patients"] = found.patients + results["patients"]
    return found._replace(**results)


def reason(refusal, rule=None):
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


def _results(before, after, now, matched, protocol, confidence, publication):
    """What needs both drops read as the protocol says, by the names of Comparison."""
    then, is_now = (
        codebook.clean(drop.frame, protocol.codebook, protocol.missing, protocol.study).columns
        for drop in (before, after)
    )
    built, of_before = fitted.of_extract(before.frame, before.refused, protocol, confidence)
    between = _between(before, after, protocol, confidence)
    flow = built.attrition.to_dict("records")

    def moved(estimates):
        return effects.compare(
            estimates(of_before), estimates(now.fitted), [estimates(step) for step in between], confidence
        )

    return {
        "columns": cells.compare_clean(then, is_now, matched),
        "patients": _members(built.patients["id"], now.ids),
        "followup": follow_up.compare(_followed(then, protocol), _followed(is_now, protocol), matched),
        "attrition": _attrition(flow, now.attrition),
        "shown_attrition": _attrition(
            *(cohort_control.attrition(rows, protocol.rule) for rows in (flow, now.attrition))
        ),
        "estimates": moved(lambda of_drop: of_drop.estimates),
        "shown_estimates": moved(lambda of_drop: of_drop.shown(protocol.rule, confidence)),
        "verdicts": verdicts.compare(publication, of_before.estimates, now.fitted.estimates, protocol.data)
        if publication
        else [],
        "n_changed": hybrids.n_changed(then, is_now, matched, {*built.patients["id"], *now.ids}, protocol),
    }


def _between(before, after, protocol, confidence):
    """What the stages make of the extracts between the drops; nothing if one of them has no cohort."""
    recoded, updated = hybrids.between(before.frame, after.frame, protocol)
    try:
        of_recoded = fitted.of_extract(recoded, [], protocol, confidence)[1]
        if updated.equals(recoded):
            return [of_recoded, of_recoded]
        return [of_recoded, fitted.of_extract(updated, [], protocol, confidence)[1]]
    except RecohortError:
        return []


def _followed(values, protocol):
    return {
        name: follow(endpoint, values, protocol.codebook) for name, endpoint in protocol.endpoints.items()
    }


def _patients(before, after, matched, changes):
    counts = {
        "read before": len(before),
        "read": len(after),
        "gone": len(matched.gone),
        "new": len(matched.new),
        "in both": len(matched.ids),
        "changed": len(_changed(matched, changes)),
    }
    return [{"what": what, "n": n} for what, n in counts.items()]


def _members(before, after):
    before, after = set(before), set(after)
    counts = {
        "in the cohort before": len(before),
        "in the cohort": len(after),
        "left the cohort": len(before - after),
        "entered the cohort": len(after - before),
    }
    return [{"what": what, "n": n} for what, n in counts.items()]


def _of_patient(matched, changes):
    """Gone, new and changed patients by id."""
    kinds = {"gone": matched.gone, "new": matched.new, "changed": _changed(matched, changes)}
    return [{"id": id_, "change": kind} for kind, ids in kinds.items() for id_ in ids]


def _changed(matched, changes):
    """The ids of both drops with a changed cell, or with other rows than before."""
    several = {matched.ids[of_patient.place] for of_patient in matched.several_changed}
    return sorted({change["id"] for change in changes} | several)


def _attrition(before, after):
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
