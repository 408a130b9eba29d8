"""The report: one page of HTML that holds everything a reviewer reads, with no file beside it."""

import base64
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from recohort import disclosure
from recohort.analyses import methods
from recohort.audit.control import controlled_claims
from recohort.base import formats, result_files
from recohort.cohort.control import controlled_attrition, controlled_cleaning
from recohort.drop import stored
from recohort.layout import table_html, words
from recohort.layout.table import Column, Notes, Table, from_json, row, section
from recohort.protocol import average_time, schema
from recohort.protocol import model as protocol
from recohort.report import audit_page


@dataclass(frozen=True)
class Study:
    """
    What the report shows of a study.

    Attributes
    ----------
    protocol : Protocol
    protocol_hash : str
        SHA-256 of the protocol's file.
    attrition : list of dict
        Rows of attrition.csv, numbers as int.
    cleaning : list of dict
        Rows of cleaning.csv.
    tables : list of Table
        Of the analyses.
    dictionary : Table
    endpoints : list of dict
        label, n and events of each endpoint in the cohort.
    figures : dict of str to bytes
        File name without suffix to SVG: "flow", and those of the tables of the same analysis and population.
    claims : list of dict
        As `report.audit_page.read` gives them; empty where there is no publication to check.
    drop : dict or None
        As `drop.stored.read` gives it; None of a study without dated drops.
    """

    protocol: Any
    protocol_hash: str
    attrition: list[dict[str, Any]]
    cleaning: list[dict[str, Any]]
    tables: list[Table]
    dictionary: Any
    endpoints: list[dict[str, Any]]
    figures: dict[str, bytes]
    claims: list[dict[str, Any]]
    drop: dict[str, Any] | None = None

    def shows(self, part: Any) -> bool:
        """Whether the study has what a part is about."""
        return {"audit": bool(self.claims), "drop": self.drop is not None}.get(part.anchor, True)


@dataclass(frozen=True)
class Part:
    """A section of each study's page: a later stage adds one here and its template."""

    anchor: str
    heading: str
    template: str


PARTS = (
    Part("data", "Data", "part_data.html.j2"),
    Part("cohort", "Cohort", "part_cohort.html.j2"),
    Part("results", "Results", "part_results.html.j2"),
    Part("audit", "Audit", "part_audit.html.j2"),
    Part("drop", "Data drop", "part_drop.html.j2"),
    Part("limitations", "Assumptions and limitations", "part_limitations.html.j2"),
    Part("methods", "Methods", "part_methods.html.j2"),
    Part("dictionary", "Data dictionary", "part_dictionary.html.j2"),
)
RESTS_ON = {
    "synthetic": "Synthetic data",
    "published-counts": "Published counts",
    "patient-level": "Patient-level data",
}
BANNER = (
    "Every result below comes from an extract that a seeded program made. No patient is real, and where a "
    "result agrees with a published one, it does so by construction."
)
# The first and the last line of the flow, of a subgroup (False) and of the cohort (True).
STEPS = {
    True: {"read": "Rows read", "cohort": "In the cohort"},
    False: {"read": "In the cohort", "cohort": "In the subgroup"},
}


def load(
    protocol_path: Path,
    attrition: Path,
    cleaning: Path,
    tables: Path,
    figures: Path,
    control: dict[str, Any],
    claims: Path | None = None,
    drop: Path | None = None,
) -> Study:
    """
    Read what a study's stages left.

    Parameters
    ----------
    protocol_path, attrition, cleaning : Path
        Files.
    tables, figures : Path
        Folders.
    control : dict
        The key `disclosure` of the configuration.
    claims : Path, optional
        File, of a study that has a publication to check.
    drop : Path, optional
        File, of a study with dated drops.

    Returns
    -------
    Study
        What it holds may be shown.

    Raises
    ------
    ValueError
        If the rows of the flow do not add up.
    """
    built, endpoints = from_json((tables / "tables.json").read_text(encoding="utf-8"))
    plan = disclosure.controlled(protocol.read(protocol_path, check=False), control)
    flow = result_files.ATTRITION.read(attrition)
    _accounted(flow, plan.study)
    return Study(
        protocol=plan,
        protocol_hash=sha256(protocol_path.read_bytes()).hexdigest(),
        attrition=controlled_attrition(flow, plan.rule),
        cleaning=controlled_cleaning(result_files.CLEANING.read(cleaning), plan.rule),
        tables=[table for table in built if table.analysis],
        dictionary=next(table for table in built if not table.analysis),
        endpoints=endpoints,
        figures={path.stem: path.read_bytes() for path in figures.glob("*.svg")},
        claims=controlled_claims(audit_page.read(claims), plan.rule) if claims else [],
        drop=stored.read(drop.read_text(encoding="utf-8")) if drop else None,
    )


def versions() -> dict[str, str]:
    """Software that the numbers depend on, recohort first; the page is the same on every Python."""
    packages = {"NumPy": "numpy", "SciPy": "scipy", "pandas": "pandas", "Snakemake": "snakemake"}
    return {
        "recohort": metadata.version("recohort"),
        **{name: metadata.version(package) for name, package in packages.items()},
    }


def render(
    studies: list[Study], skipped: dict[str, str], versions: dict[str, str], certificate: str = ""
) -> str:
    """
    The report.

    Parameters
    ----------
    studies : list of Study
    skipped : dict of str to str
        Study and why it was skipped, with where to get its files.
    versions : dict of str to str
        Software and its version, recohort first.
    certificate : str
        What `compare.sentence` says; "" if no study has a model for it.

    Returns
    -------
    str
        A page of HTML that loads nothing: styles and figures are inside.
    """
    page = table_html.environment().get_template("report.html.j2")
    shown = [_study(study) for study in studies]
    html: str = page.render(studies=shown, skipped=skipped, versions=versions, certificate=certificate)
    return html


def _study(study: Study) -> dict[str, Any]:
    plan = study.protocol
    return {
        "name": plan.study,
        "protocol": plan,
        "protocol_hash": study.protocol_hash,
        "rests_on": RESTS_ON[plan.data],
        "banner": BANNER,
        "source": plan.source,
        "url": _link(plan.source["url"]),
        "facts": _facts(study),
        "assumptions": [words.sentence(text) for text in plan.assumptions],
        "notes": average_time.notes(plan),
        "conservation": conservation(study),
        "cohort_tables": [_attrition(study), *([_cleaning(study)] if study.cleaning else [])],
        "dictionary": study.dictionary,
        "flow": _figure(1, f"Flow of the {plan.unit}.", conservation(study), [study.figures["flow"]]),
        "results": _results(study),
        "audit": _audit(study),
        "drop": study.drop,
        "parts": [part for part in PARTS if study.shows(part)],
        "methods": methods.paragraphs(plan),
    }


def _link(url: str) -> str:
    """A link is shown only if it leads to the web; a script in a protocol is not followed."""
    return url if url.startswith(("https://", "http://")) else ""


def _facts(study: Study) -> list[dict[str, Any]]:
    plan = study.protocol
    left = {r["kind"]: r["n_left"] for r in study.attrition if r["population"] == "all"}
    n = {kind: words.count(left[kind], plan) for kind in ("read", "cohort")}
    facts = [(n["cohort"], f"{plan.unit} of {n['read']} rows")]
    facts += [(words.count(e["events"], plan), f"events: {e['label']}") for e in study.endpoints]
    return [{"value": value, "label": label} for value, label in facts]


def conservation(study: Study) -> str:
    """The sentence that accounts for every row read."""
    if study.protocol.rule:
        return (
            "Every row read is in the cohort, excluded, quarantined, or merged with an identical row: the "
            "exact counts were checked to add up."
        )
    n_read, parts = _accounted(study.attrition, study.protocol.study)
    said = " + ".join(f"{formats.count(value)} {what}" for what, value in parts.items())
    return f"Every row is accounted for: {formats.count(n_read)} rows read = {said}."


def _accounted(attrition: list[dict[str, Any]], study: Study) -> tuple[int, Any]:
    """How many rows were read and where they are; ValueError if they do not add up."""
    n: defaultdict[str, int] = defaultdict(int)
    for r in attrition:
        if r["population"] == "all":
            n[r["kind"]] += r["n"]
    parts = {
        "in the cohort": n["cohort"],
        "excluded": n["excluded"],
        "quarantined": n["quarantined"],
        "merged with an identical row": n["merged"],
    }
    if n["read"] != sum(parts.values()):
        raise ValueError(f"{study}: {n['read']} rows read, {sum(parts.values())} accounted for")
    return n["read"], parts


def _attrition(study: Study) -> Table:
    notes = Notes()
    columns = (Column("Step", is_number=False), Column("Removed"), Column("of which unknown"), Column("Left"))
    body = []
    populations = list(dict.fromkeys(r["population"] for r in study.attrition))
    for population in populations:
        if len(populations) > 1:
            label = "Cohort" if population == "all" else study.protocol.populations[population].label
            body.append(section(label, len(columns)))
        for r in study.attrition:
            if r["population"] == population:
                body.append(_step(r, study.protocol))
    notes.add("Unknown: the criterion could not be judged, as a value is missing.")
    return _plain_table("attrition", "From the rows read to the cohort", columns, body, notes, study)


def _step(r: dict[str, Any], protocol: Any) -> Any:
    n, unknown, left = (words.count(r[key], protocol) for key in ("n", "n_unknown", "n_left"))
    if r["kind"] in ("read", "cohort"):
        return row("plain", STEPS[r["population"] == "all"][r["kind"]], "", "", left)
    kind = {"quarantined": "Quarantined: ", "merged": "Merged: ", "excluded": "Not met: "}[r["kind"]]
    return row("level", f"{kind}{r['step']}", n, unknown if r["n_unknown"] != 0 else "", left)


def _cleaning(study: Study) -> Table:
    columns = (Column("Column of the extract", is_number=False), Column("Cells"))
    by_column = defaultdict(list)
    for r in study.cleaning:
        n = words.count(r["n"], study.protocol)
        by_column[r["column"]].append(row("level", words.capital(r["rule"]), n))
    body = [line for column, rules in by_column.items() for line in (row("group", column, ""), *rules)]
    return _plain_table("cleaning", "Cells changed by the codebook", columns, body, Notes(), study)


def _plain_table(name: str, title: str, columns: Any, body: Any, notes: Any, study: Study) -> Table:
    data = words.data_line(study.protocol)
    return Table(name, name, title, columns, tuple(body), notes.footnotes(), data)


def _results(study: Study) -> list[dict[str, Any]]:
    """Tables by analysis, in the protocol's order, each with the figure of its name; the flow is figure 1."""
    items, n_figures = defaultdict(list), 1
    for number, table in enumerate(study.tables, 1):
        figure = None
        if table.name in study.figures:
            n_figures += 1
            what = schema.kind(study.protocol.analyses[table.analysis].kind)["figure_title"]
            alt = f"{what}: {table.title}. The numbers are in Table {number}."
            figure = _figure(n_figures, f"{what} of Table {number}.", alt, _pages(study, table.name))
        items[table.analysis].append({"number": number, "table": table, "figure": figure})
    labels = {name: analysis.label for name, analysis in study.protocol.analyses.items()}
    return [{"anchor": name, "label": labels[name], "tables": tables} for name, tables in items.items()]


def _audit(study: Study) -> dict[str, Any] | None:
    """The audit of a study that has one; its table and figure are numbered after those of the results."""
    if not study.claims:
        return None
    shown = 1 + sum(table.name in study.figures for table in study.tables)
    return {
        "table": len(study.tables) + 1,
        "figure": shown + 1,
        "counts": audit_page.counts(study.claims),
        "verdicts": audit_page.VERDICTS,
        "evidence": audit_page.EVIDENCE,
        "findings": audit_page.findings(study.claims),
        "dumbbells": audit_page.dumbbells(study.claims),
    }


def _pages(study: Study, name: str) -> list[Any]:
    """The pages of a figure in their order."""
    others = takewhile(study.figures.__contains__, (f"{name}-{i}" for i in count(2)))
    return [study.figures[page] for page in (name, *others)]


def _figure(number: int, caption: str, alt: str, pages: list[Any]) -> dict[str, Any]:
    encoded = [base64.b64encode(svg).decode("ascii") for svg in pages]
    return {
        "number": number,
        "caption": caption,
        "alt": alt,
        "pages": [f"data:image/svg+xml;base64,{svg}" for svg in encoded],
    }
