"""The files of a run beside the list of result files."""

import csv

from recohort.base import result_files


def assert_listed(folder):
    """Every file has a row, every column of numbers that the row names is there and has such numbers."""
    # hidden ones are Snakemake's
    there = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert there
    for path in there:
        row = result_files.of(path.relative_to(folder).as_posix())
        assert row is not None, f"{path} has no row in base/result_files.py"
        if row.numbers is not None:
            _fits(path, row.numbers)


def _fits(path, numbers):
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(file)
        assert set(numbers) <= set(lines.fieldnames), path
        for line in lines:
            for name, text in line.items():
                assert text == "" or name not in numbers or numbers[name](text) is not None, path


def written(folder):
    """The patterns of the rows that a folder of results has a file of."""
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return {row.pattern for path in paths if (row := result_files.of(path))}
