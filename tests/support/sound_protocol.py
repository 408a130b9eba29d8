"""A protocol with something of everything that can be meant, to be spoilt in one place."""

import copy

import pytest

from recohort.analyses.check import check
from recohort.base.errors import RecohortError

SOUND = {
    "extract": {
        "files": {"registry": "extract.csv", "patients": "patients.csv"},
        "joins": [{"file": "patients", "on": "id", "how": "many-to-one"}],
        "id": "id",
        "missing": ["NA", "9999"],
    },
    "codebook": {
        "ihc": {"type": "category", "levels": ["0", "1+", "2+", "3+"], "recode": {"2": "2+"}, "label": "IHC"},
        "cns": {"type": "flag", "label": "CNS"},
        "dead": {"type": "flag", "label": "Dead"},
        "age": {"type": "number", "range": [18, 110], "label": "Age"},
        "months": {"type": "number", "range": [0, 600], "unit": "months", "label": "Months"},
        "ratio": {"type": "number", "range": [0, 30], "label": "Ratio"},
        "dx": {"type": "date", "range": ["1990-01-01", "2026-12-31"], "label": "Diagnosis"},
        "last": {"type": "date", "label": "Last contact"},
        "note": {"type": "text", "label": "Note"},
        "high": {"type": "category", "levels": ["low", "high"], "label": "High",
                 "derive": {"low": "ratio <= 2", "high": "ratio > 2"}},
        "old": {"type": "flag", "derive": "age > 65", "label": "Old"},
        "group": {"type": "category", "levels": ["1", "2", "3", "4", "5"], "label": "Group",
                  "guideline": {"rules": "asco-cap-2018", "ratio": "ratio", "copies": "age"}},
    },
    "checks": [{"check": "death before diagnosis", "require": "last >= dx"}],
    "endpoints": {
        "os": {"label": "OS", "start": "dx", "end": "last", "event": {"dead": "yes"}, "unit": "months"},
        "pfs": {"label": "PFS", "time": "months", "event": {"dead": "yes"}, "unit": "months"},
    },
    "cohort": [{"step": "IHC known", "keep": "known(ihc)"},
               {"step": "First", "first": ["dx"], "per": "note"}],
    "populations": {"three": {"label": "IHC 3+", "steps": [{"step": "IHC 3+", "keep": "ihc == '3+'"}]}},
    "analyses": {
        "sites": {"kind": "logistic", "outcome": {"cns": "yes"}, "terms": ["ihc", "age"],
                  "multivariable": ["age"]},
        "model": {"kind": "cox", "endpoint": "os", "terms": ["ihc"], "strata": ["cns"],
                  "populations": ["three"]},
        "tropism": {"kind": "fisher", "outcomes": {"cns": "yes"}, "by": "high"},
        "table1": {"kind": "summary", "by": "ihc", "variables": ["age", "note"]},
        "ngs": {"kind": "agreement", "test": {"cns": "yes"}, "reference": {"dead": "yes"}},
        "workup": {"kind": "strategies", "ihc": "ihc", "fish": {"cns": "yes"},
                   "negative": ["0", "1+"], "equivocal": ["2+"], "positive": ["3+"]},
    },
}  # fmt: skip
REMOVED = object()


def refused(study, path, value):
    """The message for the sound protocol, analyses too, with one value set at a path, or removed."""
    sections = copy.deepcopy(SOUND)
    *above, last = path.split(".")
    place = sections
    for key in above:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    if isinstance(place, list):
        place[int(last) :] = [value]
    elif value is REMOVED:
        del place[last]
    else:
        place[last] = value
    written = study(**sections)
    with pytest.raises(RecohortError) as caught:
        check(written.protocol(), written.folder / "study.yaml")
    return str(caught.value).removeprefix(f"study tiny, file {written.folder / 'study.yaml'}").lstrip(", :")
