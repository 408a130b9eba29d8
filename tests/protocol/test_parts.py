"""What a stage depends on of a protocol: nothing that it computes from is left out."""

import copy
import shutil

import pytest
import yaml
from pandas.testing import assert_frame_equal
from support.paths import ROOT

from recohort.analyses import estimates
from recohort.analyses.estimate import of_extract
from recohort.extract import read as extract
from recohort.protocol import parts, schema, studies, yaml_file

ESTIMATING = ("logistic", "survival", "contingency")
STUDIES = ("gim14", "cher2", "ihc-fish-ngs", "gbsg2")


def content_of(study):
    return yaml_file.read(ROOT / "data" / study / "study.yaml")


def leaves(node, path=()):
    """Each text, number and truth of a protocol, with its path."""
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def with_leaf(content, path, value):
    changed = copy.deepcopy(content)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed


def is_printed(path):
    return path[0] in parts.PRINTED or (path[0] in parts.LABELLED and path[2:] == ("label",))


def is_of_other(content, path, stage):
    if path[0] != "analyses":
        return False
    return stage == "cohort" or schema.kind(content["analyses"][path[1]]["kind"])["stage"] != stage


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("stage", ["cohort", *ESTIMATING, "certificate", "audit"])
def test_every_key_counts_but_what_is_printed_and_what_others_compute(study, stage):
    content = content_of(study)
    before = parts.digest(content, stage)
    for path, value in leaves(content):
        if path[-1] == "kind":
            continue
        changed = parts.digest(with_leaf(content, path, f"{value} edited"), stage) != before
        if stage in ("certificate", "audit"):
            assert changed != is_printed(path), path
        elif stage == "cohort":
            # a quarantined row's reason names labels
            assert changed != (path[0] in (*parts.PRINTED, "analyses")), path
        else:
            assert changed != (is_printed(path) or is_of_other(content, path, stage)), path


def test_figures_depend_on_all_but_analyses_without_one():
    content = content_of("gim14")
    before = parts.digest(content, "figures")
    for path, value in leaves(content):
        if path[-1] == "kind":
            continue
        has_none = path[0] == "analyses" and content["analyses"][path[1]]["kind"] == "summary"
        assert (parts.digest(with_leaf(content, path, f"{value} edited"), "figures") != before) != has_none


def test_the_order_of_keys_counts():
    content = content_of("gbsg2")
    turned = {**content, "codebook": dict(reversed(content["codebook"].items()))}
    assert parts.digest(turned, "cohort") != parts.digest(content, "cohort")


def computed(folder):
    loaded = studies.load({"studies": [folder.name], "confidence": 0.95}, folder.parent)[0][folder.name]
    frame, refused = extract.assemble(loaded.protocol, list(loaded.files.values()), loaded.prepare)
    built, found = of_extract(frame, refused, loaded.protocol, 0.95)
    return built, estimates.table(found.rows)


@pytest.mark.parametrize("study", ["gim14", "gbsg2", "ihc-fish-ngs"])
def test_other_printed_words_give_the_same_cohort_and_estimates(study, tmp_path):
    folder = tmp_path / study
    shutil.copytree(ROOT / "data" / study, folder)
    before, estimated = computed(folder)
    content = content_of(study)
    for path, value in list(leaves(content)):
        if is_printed(path) and path[0] != "fail_when":
            content = with_leaf(content, path, f"{value} in other words")
    (folder / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    after, again = computed(folder)
    assert_frame_equal(after.patients, before.patients)
    assert_frame_equal(again, estimated)
