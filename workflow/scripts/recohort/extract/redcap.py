"""REDCap exports (raw, CSV) with their data dictionary: choices as levels, instruments that repeat parted."""

from typing import NamedTuple

from recohort.base.errors import RecohortError, nearest
from recohort.extract import delimited
from recohort.extract.delimited import Refused

NAME, FORM, KIND = "Variable / Field Name", "Form Name", "Field Type"
CHOICES = "Choices, Calculations, OR Slider Labels"
INSTRUMENT = "redcap_repeat_instrument"
WITH_CHOICES = ("radio", "dropdown", "checkbox")
FIXED_CHOICES = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
UNANSWERED = "no box of the field is ticked and its form is not complete: unknown"
COMPLETE = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}


class Field(NamedTuple):
    """A field of the dictionary: its form (instrument), its type, the label of each code in order."""

    form: str
    kind: str
    choices: dict


def dictionary(path, entry, study=None):
    """
    Read a data dictionary.

    Parameters
    ----------
    path : Path
        As "Download the current Data Dictionary" gives it.
    entry : dict
        How it is read, as an entry of `extract.files`.
    study : str, optional
        Named in errors.

    Returns
    -------
    dict of str to Field
        In its order, the identifier of a record first; `<form>_complete` of each form last.

    Raises
    ------
    RecohortError
        If a column is missing, a row is ragged or a choice has no code.
    """
    grid = delimited.read(path, entry, entry["separator"], study)
    for column in (NAME, FORM, KIND, CHOICES):
        if column not in grid.header:
            remedy = "Give a data dictionary as REDCap writes it."
            raise RecohortError("is missing", study=study, file=path, column=column, remedy=remedy)
    if grid.refused:
        row, reason, detail, *_ = grid.refused[0]
        remedy = "Correct the row."
        raise RecohortError(f"{reason} ({detail})", study=study, file=path, row=row, remedy=remedy)
    places = [grid.header.index(column) for column in (NAME, FORM, KIND, CHOICES)]
    fields = {}
    for line, row in zip(grid.lines, grid.rows, strict=True):
        name, form, kind, text = (row[place].strip() for place in places)
        fields[name] = Field(form, kind, _choices(kind, text, path, line, study))
    forms = dict.fromkeys(field.form for field in fields.values())
    return fields | {f"{form}_complete": Field(form, "dropdown", COMPLETE) for form in forms}


def levels(column, fields, values, replaced):
    """
    The levels of a category whose levels are not written: the choices of its field, in their order.

    Parameters
    ----------
    column : str
    fields : dict of str to Field
    values : {"labels", "codes"}
    replaced : dict of str to (str or None)
        Choices that become another level, or none because they mean missing.

    Returns
    -------
    list of str
        Empty if the column is no field with choices.
    """
    field = fields.get(column)
    if field is None:
        return []
    choices = field.choices.values() if values == "labels" else field.choices
    became = [replaced.get(choice, choice) for choice in choices]
    return list(dict.fromkeys(level for level in became if level is not None))


def part(frame, fields, instrument, values, path=None, study=None):
    """
    The rows of one instrument, or those of none, with the columns that belong to them.

    Parameters
    ----------
    frame : DataFrame
        Text columns of the export and `row`.
    fields : dict of str to Field
    instrument : str
        One that repeats, as in redcap_repeat_instrument; "" for the rows that no instrument repeats.
    values : {"labels", "codes"}
        What the cells of a field with choices become; of a checkbox they are 1 and 0.
    path : Path, optional
    study : str, optional
        Both named in errors.

    Returns
    -------
    DataFrame
        Without the columns of other instruments that repeat (of all other instruments for a given one).

    Raises
    ------
    RecohortError
        If there is no such instrument, a column that is left out holds something, or two choices of a field
        have one label.
    """
    chosen = _rows(frame, instrument, path, study)
    repeating = set(frame.get(INSTRUMENT, [])) - {""}
    record = next(iter(fields))
    for column in frame.columns.drop("row"):
        field = _field(column, fields)
        if field is None or column == record:
            continue
        if field.form != instrument if instrument else field.form in repeating:
            _is_empty(chosen, column, field, path, study)
            chosen = chosen.drop(columns=column)
        elif field.kind != "checkbox" and values == "labels":
            labels = _labels(column, field, path, study)
            chosen[column] = [labels.get(text.strip(), text) for text in chosen[column]]
    return chosen


def unanswered(frame, fields, name, path=None, study=None):
    """
    Boxes that nobody ticked, on a form that is not complete: REDCap writes 0 for them, and nobody said no.

    Parameters
    ----------
    frame : DataFrame
        From `part`.
    fields : dict of str to Field
    name : str
        Of the file in the protocol.
    path : Path, optional
    study : str, optional
        Both named in errors.

    Returns
    -------
    frame : DataFrame
        With "" in the boxes of a field of which none is ticked, in the rows whose form is not complete.
    unknown : list of Refused
        A place in the ledger for each box that became unknown: `detail` is its column, `raw` its text.

    Raises
    ------
    RecohortError
        If there are such boxes, and no column says whether their form is complete.
    """
    boxes = {}
    for column in frame.columns.drop("row"):
        field = _field(column, fields)
        if field is not None and field.kind == "checkbox":
            boxes.setdefault((column.partition("___")[0], f"{field.form}_complete"), []).append(column)
    unknown = []
    for (_, status), columns in boxes.items():
        texts = frame[columns].apply(lambda column: column.str.strip())
        is_open = (texts.isin(["", "0"]).all(axis=1) & (texts == "0").any(axis=1)).to_numpy()
        if not is_open.any():
            continue
        if status not in frame:
            raise RecohortError(
                "is missing: whether a box that is not ticked means no cannot be told",
                study=study,
                file=path,
                column=status,
                remedy=f"Export it too; it belongs to {columns[0]}.",
            )
        is_open &= ~frame[status].str.strip().isin(["2", COMPLETE["2"]]).to_numpy()
        for column in columns:
            where = is_open & (texts[column] == "0").to_numpy()
            unknown += [Refused(int(row), UNANSWERED, column, "0", name) for row in frame["row"][where]]
            frame = frame.assign(**{column: frame[column].mask(where, "")})
    return frame, unknown


def _choices(kind, text, path, line, study):
    if kind not in WITH_CHOICES:
        return FIXED_CHOICES.get(kind, {})
    pairs = [choice.partition(",") for choice in text.split("|")]
    for code, comma, _ in pairs:
        if not (code.strip() and comma):
            remedy = "Write choices as `1, Yes | 2, No`."
            raise RecohortError(
                "a choice has no code",
                study=study,
                file=path,
                row=line,
                column=CHOICES,
                value=text,
                remedy=remedy,
            )
    # a choice without a label would become a missing value
    return {code.strip(): label.strip() or code.strip() for code, _, label in pairs}


def _rows(frame, instrument, path, study):
    if INSTRUMENT not in frame:
        if instrument:
            remedy = "Export the repeated instruments too, or remove `instrument:` of this file."
            raise RecohortError("is missing", study=study, file=path, column=INSTRUMENT, remedy=remedy)
        return frame.copy()
    names = frame[INSTRUMENT].str.strip()
    if instrument not in set(names):
        raise RecohortError(
            f"has no rows of instrument {instrument!r}",
            study=study,
            file=path,
            column=INSTRUMENT,
            remedy=nearest(instrument, sorted(set(names) - {""})),
        )
    return frame[names == instrument].reset_index(drop=True)


def _field(column, fields):
    """The field of a column; of a checkbox a column is named var___code."""
    return fields.get(column) or fields.get(column.partition("___")[0])


def _is_empty(frame, column, field, path, study):
    # some versions write 0 for a box, or for a form, that the row does not have
    nothing = {"", "0"} if field.kind == "checkbox" or field.choices is COMPLETE else {""}
    for row, text in zip(frame["row"], frame[column], strict=True):
        if text.strip() not in nothing:
            raise RecohortError(
                f"belongs to instrument {field.form!r}, which this row is not of",
                study=study,
                file=path,
                row=row,
                column=column,
                value=text,
                remedy="Export the file again, with the dictionary of the same day.",
            )


def _labels(column, field, path, study):
    labels = list(field.choices.values())
    twice = [label for i, label in enumerate(labels) if label in labels[:i]]
    if twice:
        raise RecohortError(
            f"two choices have the label {twice[0]!r}",
            study=study,
            file=path,
            column=column,
            remedy="Set `values: codes` for this file in the protocol.",
        )
    return field.choices
