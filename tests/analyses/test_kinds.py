"""A kind of analysis is a folder: what it lacks is refused, and no kind is treated as another."""

import ast
from dataclasses import replace

import pytest
import yaml
from support import protocols
from support.disclosure import RULE
from support.paths import ROOT
from support.report import plan

from recohort.analyses import check, control, estimate, figures, kinds, methods, tables
from recohort.base.errors import RecohortError
from recohort.protocol import schema

WORKFLOW = ROOT / "workflow"
ANALYSES = WORKFLOW / "scripts" / "recohort" / "analyses"
FACES = ("check", "estimate", "control", "table", "figure", "methods")
UNKNOWN = "'competing' is no kind of analysis"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a kind that is only a schema."""
    made = tmp_path / "invented"
    made.mkdir()
    content = {"description": "Invented.", "stage": "contingency", "required": [], "properties": {}}
    (made / "schema.yaml").write_text(yaml.safe_dump({**content, "without": {"figure": "it is a number"}}))
    monkeypatch.setattr(schema, "KINDS", tmp_path)
    schema.kind.cache_clear()
    yield made
    schema.kind.cache_clear()


@pytest.mark.parametrize("kind", schema.kinds())
def test_each_kind_has_every_face_or_says_why_not(kind):
    without = schema.kind(kind).get("without", {})
    assert all(without.values())
    for face in FACES:
        assert (kinds.face(kind, face) is None) == (face in without)


def test_a_face_that_a_kind_lacks_is_an_error_unless_its_schema_says_so(folder):
    assert kinds.face("invented", "figure") is None
    with pytest.raises(ModuleNotFoundError, match="recohort.analyses.invented"):
        kinds.face("invented", "table")


@pytest.mark.parametrize("kind", schema.kinds())
def test_kinds_do_not_import_each_other(kind):
    others = {other for other in schema.kinds() if other != kind}
    for path in (ANALYSES / kind).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                assert (
                    not {name.split(".")[2] for name in names if name.startswith("recohort.analyses.")}
                    & others
                )


ROW = {"analysis": "os", "kind": "competing", "population": "all", "outcome": "os", "model": "", "term": ""}


@pytest.mark.parametrize(
    "dispatch",
    [
        lambda study: check.check(study, "study.yaml"),
        lambda study: estimate.estimate(None, study, study.analyses["os"]),
        lambda study: control.estimates([ROW], RULE),
        lambda study: control.results([ROW], [], [ROW], RULE, 0.95),
        lambda study: tables.tables(study, {}, {}, [], [], 0.95),
        lambda study: list(figures.analyses(study, [], [], 0.95)),
        lambda study: methods.paragraphs(study),
    ],
    ids=("check", "estimate", "control", "control of curves", "table", "figure", "methods"),
)
def test_an_unknown_kind_is_refused_by_each_dispatcher(tmp_path, dispatch):
    study = plan(tmp_path)
    unknown = replace(study.analyses["os"], kind="competing")
    with pytest.raises(RecohortError, match=UNKNOWN):
        dispatch(replace(study, analyses={"os": unknown}))


def test_nobody_who_loads_a_protocol_to_run_it_forgets_to_check_its_analyses():
    # the jobs of a run read protocols that were checked when it began
    found = []
    for path in [*WORKFLOW.rglob("*.py"), *(WORKFLOW / "rules").glob("*.smk")]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".smk":
            found += [line for line in text.splitlines() if "studies.load(" in line]
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("protocol.read", "studies.load"):
                found.append(ast.unparse(node))
    # `studies.load` itself, which is told what checks
    found.remove("protocol.read(folder / 'study.yaml')")
    found.remove("protocol.read(part)")
    drafts = (WORKFLOW / "scripts/recohort/draft/study.py").read_text()
    assert "check_analyses(protocol.read(part), part)" in drafts
    assert len(found) > 10
    assert all("check=False" in call or "check=check_analyses" in call for call in found), found


def test_methods_name_the_test_that_chose_the_terms(tmp_path):
    options = {"endpoint": "os", "terms": ["ihc"], "multivariable": {"univariable_p_below": 0.1}}
    alone = protocols.analysis("os", "cox", "OS", ("all",), options)
    clustered = protocols.analysis("os", "cox", "OS", ("all",), {**options, "cluster": "centre"})
    for analysis, test in ((alone, "likelihood-ratio"), (clustered, "robust Wald")):
        said = " ".join(methods.paragraphs(replace(plan(tmp_path), analyses={"os": analysis})))
        assert f"the terms whose univariable {test} p is below 0.1." in said
    assert "likelihood" not in " ".join(
        sentence for sentence in said.split(". ") if "univariable" in sentence
    )


@pytest.mark.parametrize("pairwise", [True, False])
def test_an_adjustment_of_p_values_is_named_where_one_is_made(tmp_path, pairwise):
    options = {"outcome": {"dead": "yes"}, "by": "ihc", "pairwise": pairwise}
    analysis = protocols.analysis("shares", "proportions", "Shares", ("all",), options)
    said = methods.paragraphs(replace(plan(tmp_path), analyses={"shares": analysis}))
    begins = "Apart from Holm's adjustment, they" if pairwise else "They"
    assert f"p values are two-sided. {begins} are not adjusted for the number of tests." in said
