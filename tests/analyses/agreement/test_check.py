"""Tests and references that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.ngs.reference", {"ihc": "3+"},
         "key analyses.ngs.reference: 'ihc' does not have two levels. Accuracy is that of a yes or no: "
         "derive a flag from it."),
        ("analyses.ngs.test", {"ihc": "4+"},
         "key analyses.ngs.test.ihc: '4+' is not a level of ihc. Known: 0, 1+, 2+, 3+."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
