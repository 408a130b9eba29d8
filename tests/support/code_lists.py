"""Commands on the workflow's scripts."""

import os
import subprocess
import sys

from support.paths import ROOT

SCRIPTS = ROOT / "workflow" / "scripts"


def run(*command):
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
