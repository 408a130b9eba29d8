"""The gates of all studies: the run fails if one did not pass."""

from pathlib import Path
from typing import Any

from recohort.base import result_files
from recohort.base.files import write_text
from recohort.base.log import job
from recohort.drop import gate_outcome


def main(source: Any, target: Any, dates: dict[str, list[str]]) -> None:
    gates = {Path(path).parents[1].name: result_files.GATES.read(path) for path in source.gates}
    gate_outcome.check(gates, dates, source.report)
    write_text(target.passed, gate_outcome.passed(gates))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.dates)
