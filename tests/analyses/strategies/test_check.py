"""Testing strategies that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.workup.positive", ["3"],
         "key analyses.workup: '3' is not a level of ihc. Did you mean '3+'?"),
        ("analyses.workup.positive", ["2+", "3+"],
         "key analyses.workup: '2+' is there twice. Rename or remove one of them."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
