"""Proportions that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.shares", {"kind": "proportions", "outcome": {"cns": "YES"}, "by": "ihc"},
         "key analyses.shares.outcome.cns: 'YES' is not a level of cns. Did you mean 'yes'?"),
        ("analyses.shares",
         {"kind": "proportions", "outcome": {"cns": "yes"}, "by": "ihc", "difference": True},
         "key analyses.shares.difference: is of pairs of levels. Add `pairwise: true`."),
        ("analyses.shares", {"kind": "proportions", "outcome": {"cns": "yes"}, "by": "age"},
         "key analyses.shares.by: 'age' is a number. Name a category or a flag."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
