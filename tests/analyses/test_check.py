"""Analyses that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.model.populations", ["tree"],
         "key analyses.model.populations: 'tree' is not a population. Did you mean 'three'?"),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
