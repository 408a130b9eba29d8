"""The text of a draft protocol: YAML with a comment wherever an analyst has something to decide."""

import re
from collections.abc import Collection
from typing import Any

import yaml

from recohort.draft import levels
from recohort.draft.levels import FEWEST
from recohort.protocol import model as protocol
from recohort.protocol import yaml_file

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_+/.%()-]*( [A-Za-z0-9_+/.%()-]+)*")
WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
ROUNDED_TO = 5
HEADER = """\
# Written by `make study` from a look at the extract. It runs as it is, but much in it is guessed.
# DECIDE marks what to settle; ASSUME is printed among the limitations of the report until it is changed.
# Counts are rounded to {rounded}, and those from 1 to {rare} not told. Levels are named: read before sharing.
# What each key means: workflow/schemas/study.schema.yaml.
title: Draft of {study}
data: patient-level                     # DECIDE: synthetic, published-counts or patient-level
"""
NUMBERED = "row_number"


def about(n: int) -> str:
    """A count that tells of nobody: `<8`, or rounded to 5."""
    if 0 < n < FEWEST:
        return f"<{FEWEST}"
    return str(ROUNDED_TO * round(n / ROUNDED_TO))


def label(column: str) -> str:
    """A column's name as words."""
    words = " ".join(re.sub(r"[\W_]+", " ", column).split())
    # a label holds no control character
    return (
        words[:1].upper() + words[1:]
        if words
        else yaml_file.UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", column)
    )


def entry(guess: Any, name: str, keys: dict[str, Any]) -> dict[str, Any]:
    """An entry of the codebook with all its keys, in the order of the other studies."""
    column = {} if guess.column == name else {"column": guess.column}
    return {**column, **keys, "label": label(guess.column)}


def render(
    study: str,
    file: dict[str, Any],
    rows: Any,
    missing: Collection[str],
    found: dict[str, Any],
    used: dict[str, Any],
    outcomes: list[Any],
    questions: list[Any],
) -> str:
    """
    The draft.

    Parameters
    ----------
    study : str
    file : dict
        The entry of `extract.files`.
    rows : Rows
        What identifies them, how many there are, and what is to be said of them.
    missing : set of str
        Texts that mean missing in every column.
    found, used : dict of str to Guess
        All columns, and those in the codebook.
    outcomes : list of Outcome
    questions : list of Question

    Returns
    -------
    str
    """
    parts = [
        HEADER.format(study=study, rounded=ROUNDED_TO, rare=FEWEST - 1),
        _extract(file, rows, missing),
        _codebook(found, used),
        _endpoints(outcomes, questions),
        "# DECIDE: who is in, as - {step: Adults, keep: age >= 18}\ncohort: []\n",
        _analyses(used, outcomes),
    ]
    return "\n".join(part for part in parts if part)


def _extract(file: dict[str, Any], rows: Any, missing: Collection[str]) -> str:
    lines = ["extract:", "  files:", f"    extract: {_flow(file)}"]
    lines.append(_comment(f"{about(rows.n)} rows"))
    if rows.n_refused:
        lines.append(_comment(f"DECIDE: {about(rows.n_refused)} more rows are not used; see quarantine.csv"))
    lines += [_comment(f"DECIDE: {note}") for note in rows.notes]
    if rows.id_column is None:
        lines += [
            _comment(
                "DECIDE: no column tells the rows apart, so prepare.py numbers them: is there an identifier?"
            ),
            "  prepare: prepare.py",
        ]
    else:
        lines.append(_comment("DECIDE: the identifier; rows of one id that differ are quarantined"))
    lines.append(f"  id: {_scalar(rows.id_column or NUMBERED)}")
    lines.append("  unit: patients                        # DECIDE: what a row is")
    if missing:
        lines += [_comment("DECIDE: do all of these mean missing?"), f"  missing: {_flow(sorted(missing))}"]
    return "\n".join(lines) + "\n"


def _codebook(found: dict[str, Any], used: dict[str, Any]) -> str:
    lines = ["codebook:"]
    for name, guess in {**found, **used}.items():
        lines += [_comment(note) for note in _notes(guess)]
        lines += [_comment(f"ASSUME: {sentence}") for sentence in guess.assumptions if name in used]
        offered = [*(() if guess.choices and guess.type == "text" else (guess.entry,)), *guess.choices]
        for place, keys in enumerate(offered):
            off = "" if name in used and keys is guess.entry and not place else "# "
            lines.append(f"  {off}{name}: {_flow(entry(guess, name, keys))}")
    return "\n".join(lines) + "\n"


def _notes(guess: Any) -> list[str]:
    known = f"{about(guess.n)} known"
    if guess.type == "category":
        spelling = protocol.variable("", {**guess.entry, "label": ""}).recode
        counts = dict.fromkeys(guess.entry["levels"], 0)
        for value, n in guess.values.items():
            counts[spelling.get(value, value)] += n
        known += "; " + ", ".join(f"{level} {about(n)}" for level, n in counts.items())
    elif guess.type == "flag":
        n_yes, n_no = levels.meanings(guess.values)
        known += f"; yes {about(n_yes)}, no {about(n_no)}"
    elif guess.type == "text":
        known += "; text, or an identifier" if guess.n else ""
    found = [f"{code!r} {about(n)}" for code, n in (guess.words + guess.codes).items()]
    if found:
        known += f"; taken as missing: {', '.join(found)}"
    return [known, *(f"DECIDE: {note}" for note in guess.notes)]


def _endpoints(outcomes: list[Any], questions: list[Any]) -> str:
    lines = ["endpoints:" if outcomes else "# endpoints:"]
    for outcome in outcomes:
        lines += [_comment(f"ASSUME: {sentence}") for sentence in outcome.assumptions]
        lines.append(f"  {outcome.name}: {_flow(outcome.entry)}")
    for question in questions:
        offered = " Take away the # of one of these:" if question.choices else ""
        lines.append(_comment(f"DECIDE: {question.said}.{offered}"))
        lines += [f"  # {choice.name}: {_flow(choice.entry)}" for choice in question.choices]
    if not outcomes and not questions:
        return "# DECIDE: no time to an event was recognised; `endpoints:` states one\n"
    return "\n".join(lines) + "\n"


def _analyses(used: dict[str, Any], outcomes: list[Any]) -> str:
    rows = [name for name, guess in used.items() if guess.type in ("category", "flag", "number")]
    lines = [
        "# DECIDE: what is computed: summary, logistic, cox, curves, fisher, proportions, agreement,"
        " strategies",
        "analyses:",
        f"  table1: {_flow({'kind': 'summary', 'label': 'All variables', 'variables': rows or list(used)})}",
    ]
    for outcome in outcomes:
        curves = {"kind": "curves", "label": outcome.entry["label"], "endpoint": outcome.name}
        lines.append(f"  {outcome.name}_curve: {_flow(curves)}")
    return "\n".join(lines) + "\n"


def _comment(words: str) -> str:
    """One line, whatever is in the names and levels that it repeats."""
    plain = "".join(c for c in " ".join(words.split()) if c.isprintable())
    return f"  # {plain}"


def _flow(value: Any) -> str:
    """A value in YAML's flow style, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value) if isinstance(value, str) else f"{value:.12g}"


def _scalar(words: str) -> str:
    if PLAIN.fullmatch(words) and words.casefold() not in WORDS:
        return words
    quoted: str = yaml.dump(words, default_style='"', allow_unicode=True, width=float("inf")).strip()
    return quoted
