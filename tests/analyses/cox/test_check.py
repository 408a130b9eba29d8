"""Cox models that cannot be meant are refused with their key and the nearest right spelling."""

import pytest
from support.sound_protocol import refused


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("analyses.model.endpoint", "so",
         "key analyses.model.endpoint: 'so' is not an endpoint. Known: os, pfs."),
        ("analyses.model.terms", ["ihc", "aeg"],
         "key analyses.model.terms: 'aeg' is not a variable. Did you mean 'age'?"),
        ("analyses.model.terms", ["note"],
         "key analyses.model.terms: 'note' is a text. Name a category or a number."),
        ("analyses.model.terms", ["dead"],
         "key analyses.model.terms: 'dead' is the event itself. Remove it."),
        ("analyses.model.terms", ["cns"], "key analyses.model.terms: 'cns' is a stratum itself. Remove it."),
        ("analyses.model.strata", ["age"],
         "key analyses.model.strata: 'age' is a number. Name a category or a flag."),
        ("analyses.model.cluster", "centre",
         "key analyses.model.cluster: 'centre' is not a variable. Did you mean 'note'?"),
    ],
)  # fmt: skip
def test_refused(study, path, value, message):
    assert refused(study, path, value).startswith(message)
