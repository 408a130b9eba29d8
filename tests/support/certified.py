"""The certificate of estimates, for its tests."""

import numpy as np
from support import protocols

from recohort.analyses import estimates
from recohort.certificate import compare as certificate


def certify(patients, study, found):
    return certificate.certify(patients, study, estimates.records(found))


SICK = protocols.variable("sick", "flag", "Sick", levels=("no", "yes"))


ARM = protocols.variable("arm", "category", "Arm", levels=("a", "b", "c"), reference="b")


AGE = protocols.variable("age", "number", "Age", per=10.0)


def invented(terms, **options):
    """A protocol with one logistic analysis of who is sick."""
    odds = protocols.analysis(
        "odds", "logistic", "", ("all",), {"outcome": {"sick": "yes"}, "terms": terms, **options}
    )
    empty = dict.fromkeys(("title", "data", "description", "unit"), "")
    return protocols.protocol(
        study="invented",
        **empty,
        source={},
        extract={},
        codebook={v.name: v for v in (SICK, ARM, AGE)},
        checks=(),
        endpoints={},
        cohort=(),
        populations={"all": protocols.population("all", "All")},
        analyses={"odds": odds},
        assumptions=(),
    )


def row(term, level="", reference="", estimate=np.nan, std_error=np.nan, **more):
    shared = {"study": "invented", "analysis": "odds", "kind": "logistic", "outcome": "sick=yes"}
    shared |= {"population": "all", "model": "univariable", "measure": "OR"}
    named = {"term": term, "level": level, "reference": reference}
    return {**shared, **named, "estimate": estimate, "std_error": std_error, **more}
