"""
Names and lookups that the rules share; nothing is computed here.
"""

import ast
import re
import sys
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from recohort.analyses.check import check as check_analyses
from recohort.base import result_files
from recohort.base.errors import RecohortError
from recohort.base.log import say
from recohort.certificate import compare as certificate
from recohort.protocol import parts, schema, studies, yaml_file
from recohort.protocol.model import STAGES
from recohort.run import provenance

# A parameter of every rule: another release of a package computes everything again.
VERSIONS = provenance.versions()
SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
# Data files that a module reads from beside it.
READ_BY = {
    "recohort.protocol.schema": ["protocol/schema.yaml", "analyses/*/schema.yaml"],
    "recohort.her2.guideline": ["her2/guidelines/*.yaml"],
    "recohort.layout.table_html": ["layout/templates/table*", "layout/templates/colours.css"],
    "recohort.report.page": ["layout/templates/*"],
}

if config.get("previous") is not None:
    config["previous"] = studies.previous_as_text(config["previous"])

try:
    config.update(studies.configuration(config))
    STUDIES, SKIPPED = studies.load(config, check=check_analyses)
except RecohortError as error:
    say(f"ERROR  {error}")
    sys.exit(1)

for study, reason in SKIPPED.items():
    say(f"{study} is skipped: {reason}")

# Studies that have models for the certificate, and the stages that fit them.
CERTIFIED = {
    study: stages
    for study, loaded in STUDIES.items()
    if config["certificate"] and (stages := certificate.stages(loaded.protocol))
}
# Studies that have a publication to check.
AUDITED = [study for study in STUDIES if Path(f"data/{study}/published.yaml").is_file()]
# Studies with dated drops, and those of them with gates.
DROPPED = [study for study, loaded in STUDIES.items() if loaded.drops]
GATED = [study for study in DROPPED if STUDIES[study].protocol.fail_when]


wildcard_constraints:
    study="|".join(STUDIES) or "none",


def protocol(wildcards):
    return f"data/{wildcards.study}/study.yaml"


@lru_cache(maxsize=None)
def _content(study):
    return yaml_file.read(f"data/{study}/study.yaml")


def part(stage):
    """
    What a stage depends on of a protocol, as a parameter: an edit of the rest does not run the stage again.

    The protocol itself is then an `ancient` input, whose time of change does not count.
    """
    return lambda wildcards: parts.digest(_content(wildcards.study), stage)


def files_of(wildcards):
    return list(STUDIES[wildcards.study].files.values())


def previous_files_of(wildcards):
    return list(STUDIES[wildcards.study].previous_files.values())


def other_files_of(wildcards):
    return [path for files in STUDIES[wildcards.study].other_files for path in files.values()]


def drop_dates_of(wildcards):
    loaded = STUDIES[wildcards.study]
    return [day for day in [loaded.drops[-1], loaded.previous] if day is not None]


def published_of(wildcards):
    return [f"data/{study}/published.yaml" for study in AUDITED if study == wildcards.study]


def prepare_of(wildcards):
    return [path for path in [STUDIES[wildcards.study].prepare] if path is not None]


def dictionaries_of(wildcards):
    return STUDIES[wildcards.study].dictionaries


def estimates_of(wildcards):
    return _made(result_files.ESTIMATES, wildcards.study)


def curves_of(wildcards):
    return _made(result_files.CURVES, wildcards.study)


def counts_of(wildcards):
    return _made(result_files.COUNTS, wildcards.study)


def _made(kind, study):
    """The files of a kind that the models of a study make."""
    return kind.paths({study: STUDIES[study].protocol.stages})


def code(script):
    """The modules that a script imports, at any depth, and their data: an edit of one reruns the rule."""
    # a stage that estimates runs its own kinds of analysis, the others all of them
    kinds = [kind for kind in schema.kinds() if script not in STAGES or schema.kind(kind)["stage"] == script]
    found, queue = {}, [SCRIPTS / f"{script}.py"]
    while queue:
        path = queue.pop()
        for name in _imports(path).union(*(_face(kind, face) for kind in kinds for face in _faces(path))):
            if name not in found:
                found[name] = _module(name)
                queue.append(found[name])
    data = [path for name in found for path in _data(name)]
    return [str(path.relative_to(workflow.basedir)) for path in sorted({*found.values(), *data})]


@lru_cache(maxsize=None)
def _imports(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "recohort":
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.split(".")[0] == "recohort"}
    # an import of a module runs the packages that it is in
    names |= {name[: end.start()] for name in names for end in re.finditer(r"\.", name)}
    return {name for name in names if _module(name).is_file()}


@lru_cache(maxsize=None)
def _faces(path):
    """The faces of kinds of analysis that a module calls for: the texts in its calls of `kinds.face`."""
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    return {call.args[1].value for call in calls if ast.unparse(call.func) == "kinds.face"}


def _face(kind, face):
    """The module of a kind, and its package; nothing where it is without this face."""
    names = {f"recohort.analyses.{kind}", f"recohort.analyses.{kind}.{face}"}
    return names if _module(f"recohort.analyses.{kind}.{face}").is_file() else set()


def _module(name):
    path = SCRIPTS / Path(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _data(name):
    patterns = READ_BY.get(name, [])
    return [path for pattern in patterns for path in (SCRIPTS / "recohort").glob(pattern)]
