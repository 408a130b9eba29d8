"""What the scripts of the workflow import."""

import json

import pytest
from support.code_lists import SCRIPTS, run


@pytest.fixture(scope="module")
def imported():
    """The modules that each script really imports."""
    paths = [str(path) for path in sorted(SCRIPTS.glob("*.py"))]
    found = json.loads(run("tests/support/imported.py", *paths).splitlines()[-1])
    return {
        path.removeprefix(f"{SCRIPTS}/").removesuffix(".py"): {
            file.removeprefix(f"{SCRIPTS}/") for file in files
        }
        for path, files in found.items()
    }
