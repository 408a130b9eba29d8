"""Fisher tests that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.tropism.by", "ihc",
         "key analyses.tropism.by: 'ihc' does not have two levels. Fisher's 2x2 test compares two groups."),
        ("analyses.tropism.strata", "cns",
         "key analyses.tropism.strata: 'cns' is compared itself. Name another."),
        ("analyses.tropism.strata", "centr", "key analyses.tropism.strata: 'centr' is not a variable."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
