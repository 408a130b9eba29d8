"""What the results were computed from and with."""

import json
from pathlib import Path
from typing import Any

from recohort.base.files import write_text
from recohort.base.log import job
from recohort.run import provenance


def main(source: Any, target: Any, params: Any) -> None:
    inputs = dict(zip(params.names, source.inputs, strict=True))
    made = provenance.record(
        params.config, params.revision, params.versions, inputs, map(Path, source.code), source.results
    )
    write_text(target.provenance, json.dumps(made, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params)
