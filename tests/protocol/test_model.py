"""A protocol as values: defaults, what is read as what."""

import pytest
from support import protocols

from recohort.base.errors import RecohortError
from recohort.protocol.model import Check

FULL = """
title: A study   # ASSUME: dates are local.
data: synthetic
extract:
  files: {registry: extract.csv}
  id: ID
  unit: women
  missing: ["NA", " ND "]
codebook:
  # ASSUME 2+ without FISH is negative.
  ihc:
    column: IHC
    type: category
    levels: ["2+", "3+"]
    reference: "3+"
    recode: {2: "2+", no: null}
    label: HER2 IHC
  cns: {type: flag, positive: [" SI", "1"], missing: ["n/a "], label: CNS}
  months: {type: number, unit: months, range: [0, 1e3], label: Follow-up}
  dx: {type: date, label: Diagnosis}
  old: {type: flag, derive: "months > 12", label: Long}
checks:
  - {check: negative, require: "months >= 0"}
endpoints:
  os: {label: OS, time: months, event: {cns: yes}, unit: years}
cohort:
  - {step: One each, first: [dx, months], per: ihc}
  - {step: Known, keep: known(months)}
populations:
  two: {label: IHC 2+, steps: [{step: IHC 2+, keep: "ihc == '2+'"}]}
analyses:
  table1: {kind: summary, variables: [ihc]}
  sites: {kind: logistic, outcome: {cns: yes}, terms: [ihc], label: Sites, populations: [all, two]}
  model: {kind: cox, endpoint: os, terms: [ihc]}
  curve: {kind: curves, endpoint: os, by: ihc}
  tropism: {kind: fisher, outcomes: {cns: yes}, by: ihc}
"""


@pytest.fixture
def protocol(study):
    written = study("ID\n1\n")
    (written.folder / "study.yaml").write_text(FULL, encoding="utf-8")
    return written.protocol()


def test_the_study_is_named_after_its_folder(protocol):
    assert (protocol.study, protocol.title, protocol.data, protocol.unit) == (
        "tiny",
        "A study",
        "synthetic",
        "women",
    )


def test_variables(protocol):
    ihc, cns, months, dx, old = protocol.codebook.values()
    assert (ihc.column, ihc.levels, ihc.reference) == ("IHC", ("2+", "3+"), "3+")
    assert ihc.recode == {"2": "2+", "no": None}
    assert (cns.column, cns.levels, cns.positive) == ("cns", ("no", "yes"), ("si", "1"))
    assert (cns.negative, cns.missing) == (("no", "n", "false", "0"), ("n/a",))
    assert (months.range, months.days_per_unit) == ((0, 1000.0), 30.4375)
    assert (dx.formats, dx.days_per_unit, dx.missing) == (("%Y-%m-%d",), None, ())
    assert (old.column, old.derive, old.is_factor) == (None, "months > 12", True)
    assert [v.is_factor for v in (ihc, cns, months, dx)] == [True, True, False, False]


def test_other_sections(protocol):
    assert protocol.checks == (Check("negative", "months >= 0"),)
    assert protocol.endpoints == {
        "os": protocols.endpoint("os", "OS", ("cns", "yes"), "years", time="months")
    }
    assert protocol.cohort == (
        protocols.step("One each", first=("dx", "months"), per="ihc"),
        protocols.step("Known", keep="known(months)"),
    )  # fmt: skip
    assert list(protocol.populations) == ["all", "two"]
    assert protocol.populations["two"].steps == (protocols.step("IHC 2+", keep="ihc == '2+'"),)
    assert protocol.missing == {"NA", "ND"}


def test_analyses_go_to_their_stages(protocol):
    assert protocol.stages == ["logistic", "survival", "contingency"]
    assert [a.name for a in protocol.of_stage("survival")] == ["model", "curve"]
    assert [a.name for a in protocol.of_stage("contingency")] == ["table1", "tropism"]
    sites = protocol.analyses["sites"]
    assert (sites.kind, sites.label, sites.populations) == ("logistic", "Sites", ("all", "two"))
    defaults = {"interval": "profile", "multivariable": "none"}
    assert sites.options == {"outcome": {"cns": "yes"}, "terms": ["ihc"], **defaults}
    assert (protocol.analyses["model"].label, protocol.analyses["model"].populations) == ("model", ("all",))


def test_assumptions_are_collected_from_the_comments(protocol):
    assert protocol.assumptions == ("dates are local.", "2+ without FISH is negative.")


def test_a_protocol_that_is_not_there(study):
    written = study("id,age\n1,50\n")
    (written.folder / "study.yaml").unlink()
    with pytest.raises(
        RecohortError, match=r"tiny/study\.yaml: does not exist\. Create it or correct the name\."
    ):
        written.protocol()
