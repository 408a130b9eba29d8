"""A study whose every text is an attack: no result runs it, whoever opens the file with whatever program."""

import csv
import json
import re
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import yaml
from support.workflow import project, snakemake

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"
COMMAND = "=cmd|' /C calc'!A0"
SUM = "@SUM(1+1)*cmd|' /C calc'!A0"
LINK = '=HYPERLINK("http://example.org","x")'
LEVELS = [COMMAND, SCRIPT, SUM]
BREAKERS = [f'"{SCRIPT}', "]]>&amp;<!--", "$\\frac{1}$", "${env}", "{{7*7}}", "{wildcards}", "%s%n"]


def rows():
    for i in range(120):
        dead = (i * 7) % 3 > 0
        text = (LEVELS[i % 3], BREAKERS[i % 2], LINK if i % 5 else f"+{i}+{i}")
        yield [f"={i}+{i}", *text, 50 + i % 30, 10 + (i * 37) % 500, "yes" if dead else "no"]


def protocol():
    return {
        "title": f"{COMMAND} {SCRIPT}",
        "data": "synthetic",
        "description": IMAGE,
        "source": {"citation": SCRIPT, "url": "javascript:alert(1)", "licence": IMAGE},
        "extract": {"files": {"registry": f"{IMAGE}=x.csv"}, "id": "id"},
        "codebook": {
            "arm": {"type": "category", "levels": LEVELS, "label": LINK},
            "site": {"type": "category", "levels": BREAKERS[:2], "label": SCRIPT},
            "age": {"type": "number", "label": f"{COMMAND} {BREAKERS[2]}", "unit": IMAGE},
            "days": {"type": "number", "label": " ".join(BREAKERS), "unit": "days"},
            "dead": {"type": "flag", "label": SUM},
        },
        "endpoints": {"os": {"label": IMAGE, "time": "days", "event": {"dead": "yes"}, "unit": "days"}},
        "cohort": [{"step": f"{LINK} {SCRIPT}", "keep": "known(age)"}],
        "analyses": {
            "t1": {"kind": "summary", "label": COMMAND, "by": "arm", "variables": ["site", "age", "dead"]},
            "l": {"kind": "logistic", "label": SCRIPT, "outcome": {"dead": "yes"}, "terms": ["arm", "site"]},
            "c": {"kind": "cox", "label": LINK, "endpoint": "os", "terms": ["arm", "age"]},
            "k": {"kind": "curves", "label": IMAGE, "endpoint": "os", "by": "arm"},
            "f": {"kind": "fisher", "label": SUM, "by": "site", "outcomes": {"dead": "yes"}},
        },
    }


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of the study, and what the run said."""
    folder = project(tmp_path_factory.mktemp("hostile"), "cher2")
    data = folder / "data" / "hostile"
    data.mkdir()
    with (data / f"{IMAGE}=x.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "arm", "site", "remark", "age", "days", "dead"])
        writer.writerows(rows())
        writer.writerow(["=9+9", *LEVELS, "@old", 1, "yes"])  # for the quarantine
    (data / "study.yaml").write_text(json.dumps(protocol()), encoding="utf-8")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "studies": ["hostile"]}))
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    return folder / "results"


def test_no_cell_of_any_csv_is_run(results):
    files = sorted(results.rglob("*.csv"))
    assert len(files) > 10
    seen = ""
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        seen += "".join(cells)
        is_run = [cell for cell in cells if re.match(r"\s*[=+@-]", cell) and not is_number(cell)]
        assert is_run == [], path.name
    for attack in (COMMAND, SUM, LINK):
        assert f"'{attack}" in seen


def is_number(text):
    try:
        float(text)
    except ValueError:
        return text.strip() in ("-", "+")
    return True


def test_no_cell_of_any_document_is_run(results):
    files = sorted(results.rglob("*.docx"))
    assert len(files) >= 5
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for path in files:
        document = ElementTree.fromstring(zipfile.ZipFile(path).read("word/document.xml"))
        cells = ["".join(cell.itertext()) for cell in document.iter(f"{word}tc")]
        assert [cell for cell in cells if re.match(r"\s*[=+@]", cell)] == []
        # fields are what Word runs
        assert not [*document.iter(f"{word}fldSimple"), *document.iter(f"{word}instrText")]


class Page(HTMLParser):
    """The tags of a page with their attributes, and what is inside scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self._is_script = [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._is_script = tag == "script"

    def handle_endtag(self, tag):
        self._is_script = self._is_script and tag != "script"

    def handle_data(self, data):
        self.scripts += data if self._is_script else ""


def test_no_text_of_any_page_is_run(results):
    files = sorted(results.rglob("*.html"))
    assert len(files) >= 6
    for path in files:
        page = Page(path.read_text(encoding="utf-8"))
        assert "alert(1)" not in page.scripts
        for tag, attributes in page.tags:
            assert not any(name.startswith("on") for name in attributes), (path.name, tag)
            assert not (attributes.get("href") or "").startswith("javascript:")
            assert tag != "img" or attributes.get("src") != "x"


def test_no_text_of_any_figure_is_run(results):
    files = sorted(results.rglob("*.svg"))
    assert len(files) >= 4
    for path in files:
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.parse(path).iter()}
        assert not tags & {"script", "img", "foreignObject", "a"}
