"""Studies in a folder of their own, of which one file is damaged."""

import csv
import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from support.paths import EXTRACTS, ROOT

from recohort.analyses import estimates
from recohort.analyses.estimate import of_stage
from recohort.cohort import build as cohort
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies

DATA = ROOT / "data"
CONFIDENCE = 0.95

CODEBOOK = {
    "centre": {"type": "category", "levels": ["Zürich", "Genova", "Málaga"], "label": "Centre"},
    "ihc": {
        **{"type": "category", "levels": ["2+", "3+"], "recode": {"2": "2+", "3": "3+"}},
        **{"required": True, "label": "HER2 IHC"},
    },
    "ratio": {"type": "number", "decimal": "either", "label": "HER2/CEP17"},
    "age": {"type": "number", "decimal": "either", "range": [18, 110], "label": "Age"},
    "dx": {"type": "date", "formats": ["%Y-%m-%d", "%d/%m/%Y"], "label": "Diagnosis"},
    "cns": {"type": "flag", "label": "CNS"},
    "os_days": {"type": "number", "unit": "days", "unreadable": "missing", "label": "Survival"},
    "dead": {"type": "flag", "label": "Dead"},
}
SECTIONS = {
    "endpoints": {"os": {"label": "Survival", "time": "os_days", "event": {"dead": "yes"}, "unit": "days"}},
    "checks": [{"check": "Age is plausible", "require": "age > 20 or not known(age)"}],
    "cohort": [{"step": "Diagnosed since 2000", "keep": "dx >= '2000-01-01' or not known(dx)"}],
    "populations": {"young": {"label": "Young", "steps": [{"step": "Below 60", "keep": "age < 60"}]}},
    "analyses": {
        "table1": {"kind": "summary", "by": "ihc", "variables": ["centre", "age", "cns"]},
        "cns": {
            "kind": "logistic",
            "outcome": {"cns": "yes"},
            "terms": ["ihc", "age"],
            "multivariable": "all",
        },
        "os": {"kind": "cox", "endpoint": "os", "terms": ["ihc", "age"], "multivariable": "all"},
        "km": {"kind": "curves", "endpoint": "os", "by": "ihc", "populations": ["all", "young"]},
        "fisher": {"kind": "fisher", "outcomes": {"cns": "yes"}, "by": "ihc"},
        "proportions": {"kind": "proportions", "outcome": {"cns": "yes"}, "by": "centre", "pairwise": True},
        "kappa": {"kind": "agreement", "test": {"cns": "yes"}, "reference": {"dead": "yes"}},
    },
}
REDCAP = {
    "her2_ihc": {"type": "category", "missing": ["Unknown"], "label": "HER2 IHC"},
    "liver": {"column": "mets___2", "type": "flag", "label": "Liver"},
    "menopause": {"type": "flag", "label": "Postmenopausal"},
}
ADTTE = {
    "days": {"column": "OS.days", "type": "number", "unit": "days", "label": "Survival"},
    "death": {"column": "OS.event", "type": "flag", "label": "Death"},
}


def estimate(patients, study):
    """Every estimate of a study, as its stages make them."""
    for stage in study.stages:
        estimates.table(of_stage(patients, study, stage, CONFIDENCE).rows)


class Study(NamedTuple):
    """A study in a folder of its own, of which one file is damaged."""

    folder: Path
    target: str

    def damage(self, content):
        (self.folder / self.target).write_bytes(content)

    def protocol(self):
        return protocol.read(self.folder / "study.yaml")

    def build(self, read):
        """The frame, the refused rows and the cohort, as the cohort's job makes them."""
        files = studies.locate(read, self.folder)
        for name, path in files.items():
            extract.header(path, read.extract["files"][name], read.study)
        prepare = read.extract.get("prepare")
        prepare = extract.locate({"path": prepare}, self.folder, []) if prepare is not None else None
        frame, refused = extract.assemble(read, list(files.values()), prepare, cohort.wanted(read))
        return frame, refused, cohort.build(frame, refused, read)


def raw():
    """Studies whose raw files are present, and the file that is damaged."""
    folder = Path(os.environ.get("RECOHORT_RAW", DATA / "none"))
    wanted = {
        "msk2018": "data_clinical_sample.txt",
        "tcga-brca": "nationwidechildrens.org_clinical_patient_brca.txt",
    }
    return {name: file for name, file in wanted.items() if (folder / name / file).is_file()}


def _written(folder, files, target, codebook, section, **sections):
    folder /= "tiny"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    content = {"title": "A tiny study", "data": "synthetic", "codebook": codebook, "cohort": []}
    content["analyses"] = {"table1": {"kind": "summary", "variables": [next(iter(codebook))]}}
    content |= {"extract": section, **sections}
    (folder / "study.yaml").write_text(json.dumps(content, indent=1), encoding="utf-8")
    return Study(folder, target)


def tiny(work, name, target=None, **how):
    files = {name: (EXTRACTS / name).read_bytes()}
    section = {"files": {"registry": {"path": name, **how}}, "id": "id", "missing": ["."]}
    return _written(work, files, target or name, CODEBOOK, section, **SECTIONS)


def joined(work):
    rows = (EXTRACTS / "patients.csv").read_text(encoding="utf-8")
    records = list(csv.reader(rows.splitlines()))
    centres = "".join(f"{record[0]},{record[1]}\n" for record in records[:1] + records[:0:-1])
    base = "".join(",".join(f'"{cell}"' for cell in [r[0], *r[2:]]) + "\n" for r in records)
    section = {"files": {"registry": "base.csv", "centres": "centres.csv"}, "id": "id", "missing": ["."]}
    section["joins"] = [{"file": "centres", "on": "id", "how": "one-to-one"}]
    files = {"base.csv": base.encode(), "centres.csv": centres.encode()}
    return _written(work, files, "centres.csv", CODEBOOK, section, **SECTIONS), files["base.csv"]


def redcap(work, target):
    names = {"redcap.csv": "redcap.csv", "dictionary.csv": "redcap_dictionary.csv"}
    files = {name: (EXTRACTS / source).read_bytes() for name, source in names.items()}
    section = {"files": {"registry": {"path": "redcap.csv", "dictionary": "dictionary.csv"}}}
    return _written(work, files, target, REDCAP, {**section, "id": "record_id"})


def adam(work, target):
    files = {"adsl.xpt": (EXTRACTS / "adsl.xpt").read_bytes(), target: (EXTRACTS / "adtte.xpt").read_bytes()}
    if target.endswith(".csv"):
        frame, _ = extract.read(EXTRACTS / "adtte.xpt", protocol.file("adtte.xpt"))
        files[target] = frame.drop(columns="row").to_csv(index=False).encode()
    section = {"files": {"adsl": "adsl.xpt", "os": {"path": target, "parameter": "OS"}}, "id": "USUBJID"}
    section["joins"] = [{"file": "os", "on": "USUBJID", "how": "one-to-one"}]
    return _written(work, files, target, ADTTE, section)


def newest(name):
    """The newest extract of a study."""
    return max((DATA / name).rglob("*.csv"))


def copied(work, name, target):
    """A study of data/ with its raw files, under one that is damaged; nothing is written in data/."""
    folder = work / name
    shutil.copytree(DATA / name, folder)
    raw = Path(os.environ.get("RECOHORT_RAW", DATA / "none")) / name
    for path in raw.glob("*.txt"):
        if "cna" not in path.name or "cna" in (folder / "study.yaml").read_text():
            (folder / "raw").mkdir(exist_ok=True)
            shutil.copyfile(path, folder / "raw" / path.name)
            (folder / "raw" / path.name).chmod(0o644)
    place = next(folder.rglob(target))
    return Study(folder, str(place.relative_to(folder)))
