"""
The modules of the package that each script of the workflow imports, found by importing them: JSON.

    python tests/support/imported.py SCRIPT...

What a function imports as it runs is read from its byte code and imported too, also the faces of kinds of
analysis that it calls for. Each script has a process of its own, which begins with the other packages loaded.
"""

import contextlib
import dis
import importlib
import importlib.util
import json
import os
import runpy
import sys
from itertools import takewhile
from pathlib import Path
from types import CodeType

OTHERS = [
    "pandas",
    "scipy.sparse",
    "scipy.optimize",
    "matplotlib.pyplot",
    "jinja2",
    "docx",
    "yaml",
    "jsonschema",
]


def imports(code):
    """Name and fromlist of each import of the package in a code object, at any depth."""
    instructions = list(dis.get_instructions(code))
    for before, instruction in zip(instructions, instructions[1:], strict=False):
        if instruction.opname == "IMPORT_NAME" and instruction.argval.split(".")[0] == "recohort":
            yield instruction.argval, before.argval or ()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from imports(constant)


def faces(code):
    """The faces of kinds of analysis that a code object calls for by `kinds.face(kind, "name")`."""
    instructions = list(dis.get_instructions(code))
    for i, instruction in enumerate(instructions):
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval == "face":
            call = takewhile(lambda then: not then.opname.startswith("CALL"), instructions[i:])
            yield [then.argval for then in call if then.opname == "LOAD_CONST"][-1]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from faces(constant)


def follow(path, seen, stage):
    """Import whatever the file imports, and what these import; a stage has the faces of its own kinds."""
    if path in seen:
        return
    seen.add(path)
    code = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
    for face in faces(code):
        schema = importlib.import_module("recohort.protocol.schema")
        stages = {kind: schema.kind(kind)["stage"] for kind in schema.kinds()}
        for kind, of_kind in stages.items():
            is_asked = stage not in stages.values() or of_kind == stage
            if is_asked and face not in schema.kind(kind).get("without", ()):
                importlib.import_module(f"recohort.analyses.{kind}.{face}")
    for name, members in imports(code):
        importlib.import_module(name)
        is_package = hasattr(sys.modules[name], "__path__")
        for member in members:
            if is_package and importlib.util.find_spec(f"{name}.{member}"):
                importlib.import_module(f"{name}.{member}")
    for file in files():
        follow(file, seen, stage)


def files():
    """The files of the package that are loaded."""
    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] == "recohort"]
    return [module.__file__ for module in loaded]


def of_script(path):
    """The files that a script imports, in a process of its own."""
    here, there = os.pipe()
    if os.fork() == 0:
        with contextlib.redirect_stdout(sys.stderr):
            runpy.run_path(path, run_name="imported")
            follow(path, set(), Path(path).stem)
        os.write(there, json.dumps(sorted(files())).encode())
        os._exit(0)
    os.close(there)
    os.wait()
    with os.fdopen(here) as pipe:
        return json.load(pipe)


if __name__ == "__main__":
    for name in OTHERS:
        importlib.import_module(name)
    print(json.dumps({path: of_script(path) for path in sys.argv[1:]}))
