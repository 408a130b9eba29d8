"""Two drops of a tiny study, compared: shared by the tests of drops."""

from recohort.analyses.estimate import of_extract
from recohort.cohort import codebook
from recohort.drop import compare
from recohort.extract import read as extract

CODEBOOK = {
    "age": {"type": "number", "label": "Age"},
    "liver": {"type": "flag", "label": "Liver"},
    "days": {"type": "number", "unit": "days", "label": "Follow-up"},
    "died": {"type": "flag", "label": "Death"},
}
ENDPOINTS = {"os": {"label": "Overall survival", "time": "days", "event": {"died": "yes"}, "unit": "days"}}
COX = {"os": {"kind": "cox", "endpoint": "os", "terms": ["liver", "age"], "multivariable": "all"}}
HEADER = "id,age,liver,days,died"


def survival_study(study, **sections):
    """The protocol of a study with one endpoint and Cox models."""
    made = study(f"{HEADER}\n1,50,no,10,no\n", CODEBOOK, endpoints=ENDPOINTS, analyses=COX, **sections)
    return made.protocol()


def read(protocol, path, text):
    """A drop from its text, written at path."""
    path.write_text(text, encoding="utf-8")
    return compare.Extract(*extract.assemble(protocol, [path]))


def compared(protocol, folder, before, after):
    """The Comparison of two drops from their texts."""
    earlier, newest = (
        read(protocol, folder / f"{name}.csv", text) for name, text in (("before", before), ("after", after))
    )
    may_be_empty = codebook.every_level(protocol.codebook)
    built, made = of_extract(newest.frame, newest.refused, protocol, 0.95, may_be_empty)
    now = compare.Now(built.attrition.to_dict("records"), made, built.patients["id"].tolist())
    return compare.compare(earlier, newest, now, protocol, 0.95)


def table(rows, header=HEADER):
    """CSV of rows."""
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def counts(found):
    """The numbers of patients by what they are."""
    return {row["what"]: row["n"] for row in found.patients}
