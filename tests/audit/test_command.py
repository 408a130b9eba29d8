"""The audit of the shipped studies, and its command line."""

import re
import subprocess
import sys
import time

import pytest
from support.papers import COUNTS, paper
from support.paths import ROOT

from recohort import audit
from recohort.audit import claims
from recohort.audit.finding import VERDICTS
from recohort.audit.words import what
from recohort.base.errors import RecohortError
from recohort.run.command_line import main

SEEDS = ["gim14", "cher2", "ihc-fish-ngs"]


@pytest.mark.parametrize("study", SEEDS)
def test_every_claim_of_the_seed_studies_has_one_verdict_and_a_reason(study):
    found = audit.check(ROOT / "data" / study / "published.yaml")
    assert len({finding.claim.id for finding in found}) == len(found)
    for finding in found:
        assert finding.verdict in VERDICTS
        assert finding.reason.endswith(".")
        # a verdict of its own rests on a value, or on printed p values
        if finding.verdict != "not checkable":
            assert finding.recomputed is not None or finding.claim.kind == "statement"


@pytest.mark.parametrize(
    "study, claim, words",
    [
        ("gim14", "cns_n", "number: central nervous system metastases"),
        ("gim14", "ihc_2_percent", "IHC 2+, in % of HER2-positive"),
        (
            "gim14",
            "nodes_adjusted_or",
            "odds ratio of lymph node metastases, IHC 3+ against IHC 2+, adjusted",
        ),
        ("gim14", "cns_3_p", "P of the hazard ratio of CNS metastases for OS, IHC 3+"),
        ("cher2", "few_p", "P of at most two sites involved, high ratio against low ratio"),
        ("cher2", "no_other", "statement"),
        ("ihc-fish-ngs", "concordant_0", "not FISH positive, IHC 0, in % of IHC 0"),
        ("ihc-fish-ngs", "ihc_ppv", "positive predictive value of 'amplified by sequencing' for 'IHC 3+'"),
        ("ihc-fish-ngs", "patient_ratio", "ratio of HER2 signals per nucleus to CEP17 signals per nucleus"),
        (
            "gbsg2",
            "age_low",
            "lower 95 % limit of the hazard ratio of age per 10 years for RFS, women, adjusted",
        ),
        ("gbsg2", "hormone_median", "median recurrence-free survival in months, with hormone therapy"),
    ],
)
def test_what_a_claim_is_about_in_words(study, claim, words):
    publication = claims.read(ROOT / "data" / study / "published.yaml")
    assert what(publication, publication.claims[claim]) == words


def test_the_audit_of_gim14_takes_less_than_two_seconds(capsys):
    start = time.process_time()
    found = audit.check(ROOT / "data/gim14/published.yaml")
    seconds = time.process_time() - start
    with capsys.disabled():
        print(f"\ngim14: {audit.counts_of(found)}; {seconds:.2f} s")
    assert seconds < 2


def test_the_command_line_prints_verdicts_and_returns_their_status(tmp_path, capsys):
    right = paper(tmp_path, *COUNTS, 'id: x, kind: percent, part: cured.new, whole: new, printed: "70.2"')
    assert main(["audit", str(right)]) == 0
    out = capsys.readouterr().out
    assert "reproduced     x: 70.2. 40 of 57 is 70.175 %." in out
    assert "6 claims: 4 reproduced, 2 not checkable" in out
    wrong = paper(tmp_path, *COUNTS, 'id: x, kind: percent, part: cured.new, whole: new, printed: "72.2"')
    assert main(["audit", str(wrong)]) == 1
    broken = paper(tmp_path, *COUNTS, 'id: x, kind: percent, part: cured.new, printed: "72.2"')
    capsys.readouterr()
    assert main(["audit", str(broken)]) == 2
    assert "key claims.x: the key 'whole' is missing" in capsys.readouterr().err


def test_the_command_imports_neither_pandas_nor_models():
    code = (
        "import sys; from recohort.run.command_line import main; status = main(sys.argv[1:]); "
        "assert not {'pandas', 'recohort.analyses.regression.estimate', 'scipy'} & set(sys.modules); "
        "sys.exit(status)"
    )
    path = ROOT / "data/cher2/published.yaml"
    command = [sys.executable, "-c", code, "audit", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(RecohortError, match="does not exist"):
        audit.check(tmp_path / "published.yaml")


def test_one_claim_is_counted_in_the_singular():
    found = audit.check(ROOT / "data" / "cher2" / "published.yaml")[:1]
    assert re.fullmatch("1 claim: 1 [a-z ]+", audit.counts_of(found))
