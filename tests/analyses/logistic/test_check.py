"""Logistic models that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.sites.terms", ["cns", "age"],
         "key analyses.sites.terms: 'cns' is the outcome itself. Remove it."),
        ("analyses.sites.outcome", {"cns": "YES"},
         "key analyses.sites.outcome.cns: 'YES' is not a level of cns. Did you mean 'yes'?"),
        ("analyses.sites.multivariable", ["dx"],
         "key analyses.sites.multivariable: 'dx' is not one of the terms. Known: ihc, age."),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
