"""
The modules of the package that each script of the workflow imports, found by importing them: JSON.

    python tests/support/imported.py SCRIPT...

What a function imports as it runs is read from its byte code and imported too. Each script has a process of
its own, which begins with the other packages loaded.
"""

import contextlib
import dis
import importlib
import importlib.util
import json
import os
import runpy
import sys
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


def follow(path, seen):
    """Import whatever the file imports, and what these import."""
    if path in seen:
        return
    seen.add(path)
    for name, members in imports(compile(Path(path).read_text(encoding="utf-8"), path, "exec")):
        importlib.import_module(name)
        is_package = hasattr(sys.modules[name], "__path__")
        for member in members:
            if is_package and importlib.util.find_spec(f"{name}.{member}"):
                importlib.import_module(f"{name}.{member}")
    for file in files():
        follow(file, seen)


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
            follow(path, set())
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
