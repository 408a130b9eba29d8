"""
One engine at one task, in a process of its own: `python -m bench.process ENGINE TASK FOLDER`.

It says when its table is in memory, runs once for each line `run`, and gives its answer at `answer`; each
reply is a line of JSON. Only the run itself is on the clock.
"""

import contextlib
import gc
import json
import os
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

from bench import ours, peers, shapes

PACKAGES = {
    "recohort": ("recohort", "numpy", "scipy"),
    "statsmodels GLM": ("statsmodels",),
}
CLEAR_PEAK = "5"


def main(engine, task, folder):
    # what a package prints must not come between the replies
    with os.fdopen(os.dup(1), "w") as replies, contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        tasks = ours.TASKS if engine == "recohort" else peers.TASKS[engine]
        run, answer = tasks[task](folder if task == "read" else shapes.load(folder))
        per = ours.REPLICATES if task == "bootstrap" else 1
        for reply in _replies(engine, run, answer, per):
            print(json.dumps(reply), file=replies, flush=True)


def _replies(engine, run, answer, per):
    table_mb = _clear_peak()
    packages = PACKAGES.get(engine, (engine,))
    yield {"version": ", ".join(f"{package} {version(package)}" for package in packages)}
    for line in sys.stdin:
        if line.strip() == "run":
            result = None
            gc.collect()
            start = time.perf_counter()
            result = run()
            yield {"seconds": (time.perf_counter() - start) / per}
        else:
            peak_mb = _status_mb("VmHWM")
            coefficients, std_errors = answer(result)
            yield {
                "peak_mb": peak_mb,
                "beyond_mb": peak_mb - table_mb,
                "coefficients": list(map(float, coefficients)),
                "std_errors": list(map(float, std_errors)),
            }


def _clear_peak():
    """Forget the peak of memory so far, and say what is in use."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(CLEAR_PEAK)
    return _status_mb("VmRSS")


def _status_mb(entry):
    """An entry of Linux's account of this process; NaN on other systems."""
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(entry)), float("nan"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
