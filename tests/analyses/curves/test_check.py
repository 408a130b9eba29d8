"""Survival curves that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.curve", {"kind": "curves", "endpoint": "os", "times": [12, 60, 12.0000001]},
         "key analyses.curve.times: '12' is there twice. Rename or remove one of them."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
