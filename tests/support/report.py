"""What a report is made from, and the elements of its page."""

from html.parser import HTMLParser

from recohort.layout.table import Column, Footnote, Table, row
from recohort.protocol import model as protocol
from recohort.report import page as report

PROTOCOL = """
title: A study of <b>bold</b> claims
data: {data}
description: What it is.
source: {{citation: "Rossi A. A trial. 2024", doi: 10.1/x, url: "{url}", licence: CC0}}
extract: {{files: {{patients: extract.csv}}, id: id}}
codebook:
  # ASSUME: unknown grades are missing at random.
  ihc:    {{type: category, levels: ["2+", "3+"], label: HER2 IHC}}
  centre: {{type: category, levels: [a, b], label: Centre}}
  months: {{type: number, unit: months, label: Follow-up}}
  entry:  {{type: number, unit: months, label: Time to sequencing}}
  dead:   {{type: flag, label: Death}}
endpoints:
  os: {{label: Overall survival, time: months, entry: entry, event: {{dead: "yes"}}, unit: months}}
cohort: [{{step: IHC known, keep: "known(ihc)"}}]
populations:
  ihc_3: {{label: IHC 3+, steps: [{{step: IHC 3+, keep: "ihc == '3+'"}}]}}
analyses:
  os:
    kind: cox
    label: Survival
    endpoint: os
    terms: [ihc]
    ties: breslow
    strata: [centre]
    populations: [all, ihc_3]
  table1: {{kind: summary, label: Patients, by: ihc, variables: [centre]}}
  death:
    kind: logistic
    label: Deaths
    outcome: {{dead: "yes"}}
    terms: [ihc]
    interval: wald
    multivariable: all
"""


ATTRITION = [
    dict(zip(("population", "step", "kind", "n", "n_unknown", "n_left"), line, strict=True))
    for line in [
        ("all", "read", "read", 1200, 0, 1200),
        ("all", "a cell cannot be read", "quarantined", 10, 0, 1190),
        ("all", "identical duplicate", "merged", 5, 0, 1185),
        ("all", "IHC known", "excluded", 85, 85, 1100),
        ("all", "cohort", "cohort", 1100, 0, 1100),
        ("ihc_3", "read", "read", 1100, 0, 1100),
        ("ihc_3", "IHC 3+", "excluded", 400, 0, 700),
        ("ihc_3", "cohort", "cohort", 700, 0, 700),
    ]
]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Survival</title></svg>'


VERSIONS = {"recohort": "9.8.7", "NumPy": "2.4.6"}


def plan(folder, data="synthetic", url="https://example.org/data"):
    (folder / "mystudy").mkdir(exist_ok=True)
    path = folder / "mystudy" / "study.yaml"
    path.write_text(PROTOCOL.format(data=data, url=url), encoding="utf-8")
    return protocol.read(path)


def table(name, analysis):
    columns = (Column("", is_number=False), Column("n"))
    body = (row("plain", "<script>alert(1)</script>", "12"),)
    return Table(
        name, analysis, f"Title of {name}", columns, body, (Footnote("", "A note."),), "Synthetic data: made."
    )


def study(folder, **changes):
    values = {
        "protocol": plan(folder),
        "protocol_hash": "abc123",
        "attrition": ATTRITION,
        "cleaning": [{"column": "SITE & co", "rule": "missing code", "n": 7}],
        "tables": [table("os", "os"), table("os-ihc_3", "os"), table("table1", "table1")],
        "dictionary": table("dictionary", ""),
        "endpoints": [{"label": "Overall survival", "n": 1000, "events": 321}],
        "figures": {"flow": SVG, "os": SVG, "os-ihc_3": SVG},
        "claims": [],
    }
    return report.Study(**{**values, **changes})


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text outside styles."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        # void elements are never closed
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]
