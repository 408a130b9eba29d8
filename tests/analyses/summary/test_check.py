"""Summaries that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.table1.by", "age",
         "key analyses.table1.by: 'age' is a number. Name a category or a flag."),
        ("analyses.table1.variables", ["aeg"],
         "key analyses.table1.variables: 'aeg' is not a variable. Did you mean 'age'?"),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
