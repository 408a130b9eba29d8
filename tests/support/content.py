"""The bytes of every file of a folder."""


def content(folder):
    """The bytes of every file of the results but logs and Snakemake's stamps."""
    results = folder / "results"
    return {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in results.rglob("*")
        if path.is_file() and path.suffix != ".log" and not path.name.startswith(".")
    }
