"""The machine and the programs on it."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "snakemake")


def describe():
    """Cores, processor, memory and system in one line, without the load of the moment."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {_processor()}, {_memory_gb():.0f} GB, {system}"


def versions():
    """Versions and load in one line."""
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return f"Python {platform.python_version()}, {packages}; {_r()}; load {os.getloadavg()[0]:.1f}"


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _r():
    if shutil.which("Rscript") is None:
        return "R not installed"
    ask = 'cat(R.version.string, "BLAS", basename(extSoftVersion()[["BLAS"]]))'
    return subprocess.run(["Rscript", "-e", ask], capture_output=True, text=True).stdout


def _processor():
    """The name of the processor, as the system tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _memory_gb():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
