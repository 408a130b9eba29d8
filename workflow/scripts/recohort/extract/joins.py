"""Files joined to the first one by a declared key of a declared cardinality."""

from collections import Counter

import numpy as np

from recohort.base.errors import RecohortError, nearest
from recohort.extract.delimited import Refused


def join(frames, joins, form, missing=frozenset(), study=None):
    """
    Join files to the first one.

    Parameters
    ----------
    frames : dict of str to DataFrame
        Text columns and `row`; the first is the base.
    joins : list of dict
        file, on, how, as in the protocol.
    form : callable
        str -> str, as keys are compared: from `identifier.form`.
    missing : set of str, optional
        Texts that mean missing, as the empty text does: such a key is nobody's.
    study : str, optional
        Named in errors.

    Returns
    -------
    frame : DataFrame
        One row per row of the base, in its order, with the columns of `columns`; "" where nothing matches.
    unjoined : list of Refused
        The rows of the other files whose key is in no row of the base: `detail` is its column, `raw` the key.

    Raises
    ------
    RecohortError
        If there is no such column, a key repeats on a `one` side, no key of the base is in the other, or two
        columns would have one name.
    """
    import pandas as pd

    base_name, base = next(iter(frames.items()))
    unjoined = []
    for spec in joins:
        name, on = spec["file"], spec["on"]
        keys = _keys(frames[name], name, on, form, missing, study)
        base_keys = _keys(base, base_name, on, form, missing, study)
        _once(keys, frames[name], spec, name, study)
        if spec["how"] == "one-to-one":
            _once(base_keys, base, spec, base_name, study)
        position = {key: i for i, key in enumerate(keys) if key}
        places = np.array([position.get(key, -1) for key in base_keys])
        if (places < 0).all():
            raise RecohortError(
                f"no value of {base_name} is in {name}",
                study=study,
                column=on,
                value=next(filter(None, base_keys), None),
                remedy="Make both files write the key in one way.",
            )
        renamed = _renamed(base.columns, frames[name].columns, name, on)
        _named_once(base, renamed, name, study)
        texts = {
            new: np.where(places < 0, "", frames[name][column].to_numpy(object)[places])
            for column, new in renamed.items()
        }
        base = pd.concat([base, pd.DataFrame(texts, index=base.index, dtype=object)], axis=1)
        reason = f"row of {name} left out, its key is in no row of {base_name}"
        unjoined += _unjoined(frames[name], places, name, on, reason)
    return base, unjoined


def columns(headers, joins):
    """The columns that `join` gives, from the files' headers (dict of str to list of str)."""
    joined = list(next(iter(headers.values())))
    for spec in joins:
        joined += _renamed(joined, headers[spec["file"]], spec["file"], spec["on"]).values()
    return joined


def _unjoined(frame, places, name, on, reason):
    is_joined = np.zeros(len(frame), dtype=bool)
    is_joined[places[places >= 0]] = True
    lines, keys = (frame[column].to_numpy(object)[~is_joined] for column in ("row", on))
    return [Refused(int(line), reason, on, key, name) for line, key in zip(lines, keys, strict=True)]


def _renamed(base, other, name, on):
    """The other file's columns and their names in the result: `file.column` where the base has the same."""
    return {
        column: f"{name}.{column}" if column in base else column
        for column in other
        if column not in (on, "row")
    }


def _named_once(base, renamed, name, study):
    n = Counter([*base.columns, *renamed.values()])
    for column, new in renamed.items():
        if n[new] > 1:
            raise RecohortError(
                f"would be {new!r} when joined, and there is such a column already",
                study=study,
                file=name,
                column=column,
                remedy="Rename one of them in its file.",
            )


def _keys(frame, name, on, form, missing, study):
    """The keys in the form in which they are compared, "" for one that is missing."""
    if on not in frame:
        raise RecohortError(
            "has no such column to join on",
            study=study,
            file=name,
            column=on,
            remedy=nearest(on, frame.columns.drop("row")),
        )
    keys = map(form, frame[on])
    return ["" if key in missing else key for key in keys]


def _once(keys, frame, spec, name, study):
    seen = {}
    for key, row, written in zip(keys, frame["row"], frame[spec["on"]], strict=True):
        before, as_before = seen.setdefault(key, (row, written.strip()))
        if key and before != row:
            alike = "" if as_before == written.strip() else f" (it looks like that of row {before})"
            raise RecohortError(
                f"the join is declared {spec['how']}, but the key repeats{alike}",
                study=study,
                file=name,
                row=row,
                column=spec["on"],
                value=key,
                remedy="Correct the file or the declared cardinality.",
            )
