"""
Fuzzing of extracts, protocols and claims: `make fuzz SECONDS=600`.

Damaged files must give one line that says what is wrong, or a cohort in which every row is accounted for:
never a traceback, never a result from a file that was cut short where anything in it tells. A text tells when
it ends within a row or an open quote; cut between two rows or in a last field it is a whole file to look at,
so these are counted on their own ("cut untold"): `rows` in the protocol tells of the former. What was tried
and what it gave is printed; a finding with its seed, and a file with the smallest input that shows it.

    python tests/fuzz.py --seconds 600 --seed 1
    python tests/fuzz.py --only "protocol cher2" --input 17 --seed 1        one input again
"""

import argparse
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path

from fuzzing.kinds import kinds
from fuzzing.mutations import truncate
from fuzzing.outcomes import ACCOUNTED, REFUSED, SAME, UNTOLD

from recohort.extract import readstat_process

FINDING = "FINDING"
OUTCOMES = (SAME, ACCOUNTED, REFUSED, UNTOLD, FINDING)
LONGEST_SECONDS = 30  # of one input
N_MUTATIONS = (1, 1, 1, 2, 3, 4)
CUT_SHARE = 0.1  # of the inputs that are the original cut short and nothing else
MOST_BYTES = 4 * 10**9
MINIMISE_SECONDS = 20


class TooLong(BaseException):
    """An input takes longer than LONGEST_SECONDS; no Exception, as readers take those for damage."""


def plan(kind, seed):
    """The ways in which an input is damaged: a function and a seed each."""
    rng = random.Random(seed)
    if not kind.mutations:
        return []
    if rng.random() < CUT_SHARE:
        return [(truncate, rng.random())]
    return [(rng.choice(kind.mutations), rng.random()) for _ in range(rng.choice(N_MUTATIONS))]


def damaged(kind, steps, seed):
    """The input that a plan gives; of kinds that are made rather than damaged, the seed itself."""
    content = kind.original if kind.mutations else seed.encode()
    for mutate, seed_of_step in steps:
        content = mutate(content, random.Random(seed_of_step))
    return content


def attempt(kind, content, is_cut):
    """What an input gave, and of a finding the exception."""
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
    try:
        return kind.run(content, is_cut), None
    except (Exception, SystemExit, TooLong) as error:  # anything but a refusal is what is looked for
        return FINDING, error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def forked(path, entry, suffix):
    """As `readstat._apart`, twenty times faster."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        signal.alarm(LONGEST_SECONDS)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 2)
        try:
            with os.fdopen(write, "w") as file:
                file.write(readstat_process.answer(path, entry, suffix))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        said = file.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGALRM:
        raise TooLong(f"longer than {LONGEST_SECONDS} s in pyreadstat")
    return status, said


def minimal(kind, steps, seed, error):
    """The fewest steps that show a finding of the same type, then the fewest lines of a text."""
    is_cut = _is_cut(steps)
    until = time.monotonic() + MINIMISE_SECONDS

    def shows(content):
        outcome, found = attempt(kind, content, is_cut)
        return outcome == FINDING and type(found) is type(error)

    for step in list(steps):
        fewer = [other for other in steps if other is not step]
        if fewer and shows(damaged(kind, fewer, seed)):
            steps = fewer
    lines = damaged(kind, steps, seed).splitlines(keepends=True)
    size = len(lines) // 2
    while size and time.monotonic() < until:
        for start in range(len(lines) - size, -1, -size):
            fewer = lines[:start] + lines[start + size :]
            if fewer and shows(b"".join(fewer)):
                lines = fewer
        size //= 2
    return b"".join(lines)


def _is_cut(steps):
    return [mutate for mutate, _ in steps] == [truncate]


def run(chosen, seed, seconds=None, inputs=None, say=print):
    """
    Try inputs of each kind in turn.

    Parameters
    ----------
    chosen : dict of str to function
        As `fuzzing.kinds` gives them.
    seed : int
    seconds : float, optional
        Shared among the kinds alike.
    inputs : int, optional
        Of each kind, instead of a time.
    say : function of str
        Told each finding.

    Returns
    -------
    dict of str to Counter
        Inputs by kind and outcome.
    """
    tried = {}
    for name, make in chosen.items():
        with tempfile.TemporaryDirectory(prefix="recohort-fuzz-") as work:
            until = time.monotonic() + (seconds or 0) / len(chosen)
            tried[name] = _of_kind(name, make(Path(work)), seed, until, inputs, say)
    return tried


def _of_kind(name, kind, seed, until, inputs, say):
    counts, known = Counter(), set()
    while counts.total() < inputs if inputs else time.monotonic() < until:
        seed_of_input = f"{seed} {name} {counts.total()}"
        steps = plan(kind, seed_of_input)
        outcome, error = attempt(kind, damaged(kind, steps, seed_of_input), _is_cut(steps))
        counts[outcome] += 1
        if outcome == FINDING and _place(error) not in known:
            known.add(_place(error))
            _tell(kind, steps, seed_of_input, error, say)
    return counts


def _place(error):
    """Where an exception was raised: one finding is told once."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error), frames[-1].filename, frames[-1].lineno


def _tell(kind, steps, seed, error, say):
    _, file, line = _place(error)
    with tempfile.NamedTemporaryFile(prefix="finding-", suffix=kind.suffix, delete=False) as kept:
        kept.write(minimal(kind, steps, seed, error))
    say(f"{FINDING}  input {seed!r}: {type(error).__name__}: {error} ({Path(file).name}:{line}); {kept.name}")


def table(tried):
    """The counts as lines of text."""
    total = sum(tried.values(), Counter())
    lines = [f"{'':<28}{'inputs':>9}" + "".join(f"{outcome:>12}" for outcome in OUTCOMES)]
    for name, counts in [*tried.items(), ("all", total)]:
        numbers = "".join(f"{counts[outcome]:>12,}" for outcome in OUTCOMES)
        lines.append(f"{name:<28}{sum(counts.values()):>9,}{numbers}")
    return lines


def prepare():
    """An alarm for inputs that take too long, a limit of memory, and faster readers of statistics files."""
    import_module("pyreadstat")  # once, not in each child
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    signal.signal(signal.SIGALRM, too_long)
    readstat_process._apart = forked


def too_long(number, frame):
    raise TooLong(f"longer than {LONGEST_SECONDS} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", action="append", default=[], help="kinds whose name begins so")
    parser.add_argument("--input", type=int, help="one input of the only kind, with its traceback")
    given = parser.parse_args()
    prepare()
    chosen = {k: make for k, make in kinds().items() if not given.only or k.startswith(tuple(given.only))}
    if given.input is not None:
        return again(chosen, given.seed, given.input)
    print(f"seed {given.seed}, {given.seconds:g} s, {len(chosen)} kinds", flush=True)
    tried = run(chosen, given.seed, given.seconds, say=lambda line: print(line, flush=True))
    print(*table(tried), sep="\n")
    return int(any(counts[FINDING] for counts in tried.values()))


def again(chosen, seed, number):
    ((name, make),) = chosen.items()
    with tempfile.TemporaryDirectory(prefix="recohort-fuzz-") as work:
        kind, seed_of_input = make(Path(work)), f"{seed} {name} {number}"
        steps = plan(kind, seed_of_input)
        print(kind.run(damaged(kind, steps, seed_of_input), _is_cut(steps)))


if __name__ == "__main__":
    sys.exit(main())
