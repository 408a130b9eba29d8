"""The report: complete, escaped, self-contained, honest about its data; and the methods that it states."""

import base64
import re
from dataclasses import replace

import pytest
from support.disclosure import RULE
from support.report import ATTRITION, SVG, VERSIONS, Elements, plan, study, table

from recohort.analyses import methods
from recohort.cohort.control import controlled_attrition, controlled_cleaning
from recohort.layout.table import to_json
from recohort.report import page as report


@pytest.fixture
def page(tmp_path):
    return report.render([study(tmp_path)], {"other": "its raw file is absent. Get it there"}, VERSIONS)


def test_everything_is_inside_the_page(page):
    elements = Elements(page)
    assert {"script", "link", "iframe", "object", "embed"}.isdisjoint(tag for tag, _ in elements.tags)
    sources = [attributes["src"] for _, attributes in elements.tags if "src" in attributes]
    assert len(sources) == 3
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert base64.b64decode(sources[0].partition(",")[2]) == SVG
    assert "url(" not in page and "@import" not in page


def test_links_lead_to_the_page_or_to_citations(page):
    elements = Elements(page)
    links = {attributes["href"] for attributes in elements.all("a")}
    ids = {f"#{attributes['id']}" for _, attributes in elements.tags if "id" in attributes}
    assert {link for link in links if not link.startswith("#")} == {
        "https://doi.org/10.1/x",
        "https://example.org/data",
    }
    assert {link for link in links if link.startswith("#")} <= ids


def test_a_link_that_is_not_to_the_web_is_left_out(tmp_path):
    page = report.render([study(tmp_path, protocol=plan(tmp_path, url="javascript:alert(1)"))], {}, VERSIONS)
    assert "javascript:" not in page


def test_text_is_escaped(page):
    assert "<script>" not in page and "<b>bold</b>" not in page
    assert "A study of &lt;b&gt;bold&lt;/b&gt; claims" in page
    assert "SITE &amp; co" in page


@pytest.mark.parametrize("data, banners", [("synthetic", 1), ("patient-level", 0), ("published-counts", 0)])
def test_only_synthetic_data_have_the_banner(tmp_path, data, banners):
    page = report.render([study(tmp_path, protocol=plan(tmp_path, data))], {}, VERSIONS)
    assert page.count("No patient is real") == banners
    assert report.RESTS_ON[data] in page


def test_the_flow_accounts_for_every_row(page, tmp_path):
    text = Elements(page).text
    assert (
        "1,200 rows read = 1,100 in the cohort + 85 excluded + 10 quarantined + 5 merged with an identical"
        in text
    )
    assert "Quarantined: a cell cannot be read 10 1,190" in text
    assert "Not met: IHC known 85 85 1,100" in text
    assert "In the subgroup 700" in text
    lost = [{**r, "n": 84} if r["step"] == "IHC known" else r for r in ATTRITION]
    with pytest.raises(ValueError, match="1200 rows read, 1199 accounted for"):
        report.render([study(tmp_path, attrition=lost)], {}, VERSIONS)


def test_a_controlled_study_shows_no_small_count_and_says_so(tmp_path):
    rule = RULE
    made = study(
        tmp_path,
        protocol=replace(plan(tmp_path, "patient-level"), rule=rule),
        attrition=controlled_attrition(ATTRITION, rule),
        cleaning=controlled_cleaning([{"column": "SITE", "rule": "missing code", "n": 7}], rule),
        endpoints=[{"label": "Overall survival", "n": 1000, "events": None}],
    )
    text = Elements(report.render([made], {}, VERSIONS)).text
    assert "Merged: identical duplicate [c]" in text and "Missing code [c]" in text
    assert "[c] events: Overall survival" in text
    assert "the exact counts were checked to add up" in text and "accounted for" not in text
    assert "[c]: withheld, a count of 7 or fewer" in text
    assert "Counts of 7 or fewer are withheld, other counts rounded to the nearest 5" in text


def test_overview_cleaning_and_what_was_skipped(page):
    text = Elements(page).text
    assert "1,100 patients of 1,200 rows" in text
    assert "321 events: Overall survival" in text
    assert "SITE & co Missing code 7" in text
    assert "other its raw file is absent. Get it there" in text
    assert "skipped" not in Elements(report.render([], {}, VERSIONS)).text.lower()


def test_tables_and_figures_are_together_in_the_order_of_the_protocol(page):
    found = re.findall(r"(?:Table|Figure) \d+\.</b> [^<]*", page)
    assert found == [
        "Figure 1.</b> Flow of the patients.",
        "Table 1.</b> Title of os",
        "Figure 2.</b> Forest plot of Table 1.",
        "Table 2.</b> Title of os-ihc_3",
        "Figure 3.</b> Forest plot of Table 2.",
        "Table 3.</b> Title of table1",
    ]


def test_pictures_have_a_text_and_headings_do_not_skip(page):
    elements = Elements(page)
    texts = [image["alt"] for image in elements.all("img")]
    assert texts[0].startswith("Every row is accounted for: 1,200 rows read")
    assert texts[1:] == [
        "Forest plot: Title of os. The numbers are in Table 1.",
        "Forest plot: Title of os-ihc_3. The numbers are in Table 2.",
    ]
    levels = [int(tag[1]) for tag, _ in elements.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_limitations_versions_and_provenance(page):
    text = Elements(page).text
    assert "Unknown grades are missing at random." in text
    assert "recohort 9.8.7, NumPy 2.4.6." in text
    assert "SHA-256 abc123" in text
    assert "CC0" in text


def test_limitations_note_years_of_average_length(tmp_path, page):
    assert "recohort notes of the protocol" not in page
    stated = plan(tmp_path)
    step = replace(stated.cohort[0], step="Adults", keep="entry / 365.25 >= 18")
    entry = replace(stated.codebook["entry"], unit="days")
    noted = replace(stated, codebook={**stated.codebook, "entry": entry}, cohort=(step,))
    text = Elements(report.render([study(tmp_path, protocol=noted)], {}, VERSIONS)).text
    assert "recohort notes of the protocol: Adults: entry / 365.25 >= 18 counts in months or years" in text


def test_the_same_input_gives_the_same_bytes(tmp_path, page):
    assert (
        report.render([study(tmp_path)], {"other": "its raw file is absent. Get it there"}, VERSIONS) == page
    )


def test_versions_name_the_software():
    versions = report.versions()
    assert next(iter(versions)) == "recohort"
    assert all(re.match(r"\d+\.\d+", version) for version in versions.values())


def test_methods_follow_the_protocol(tmp_path):
    said = " ".join(methods.paragraphs(plan(tmp_path)))
    assert "Breslow's method" in said and "Efron" not in said
    assert "Wald intervals and p values" in said and "profile" not in said
    assert "Baseline hazards differ by Centre." in said
    assert "at risk only from “Time to sequencing” on (delayed entry)" in said
    assert "the event is “Death” (yes)" in said
    assert "Subgroups: IHC 3+." in said
    assert "The multivariable model has all terms." in said
    assert "Kaplan-Meier" not in said and "McNemar" not in said


def test_load_reads_what_the_stages_left(tmp_path):
    plan(tmp_path)
    (tmp_path / "attrition.csv").write_text(
        "population,order,step,kind,n,n_unknown,n_left\nall,1,read,read,3,0,3\nall,2,cohort,cohort,3,0,3\n"
    )
    (tmp_path / "cleaning.csv").write_text("column,rule,n\nage,missing code,2\n")
    for folder in ("tables", "figures"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tables" / "tables.json").write_text(
        to_json([table("os", "os"), table("dictionary", "")], []), encoding="utf-8"
    )
    (tmp_path / "figures" / "flow.svg").write_bytes(SVG)
    loaded = report.load(
        tmp_path / "mystudy/study.yaml",
        *(tmp_path / name for name in ("attrition.csv", "cleaning.csv", "tables", "figures")),
        {"threshold": 7, "rounding": 5},
    )
    assert loaded.protocol.study == "mystudy"
    assert loaded.attrition[1]["n_left"] == 3
    assert loaded.cleaning == [{"column": "age", "rule": "missing code", "n": 2}]
    assert loaded.tables == [table("os", "os")]
    assert loaded.dictionary == table("dictionary", "")
    assert loaded.figures == {"flow": SVG}
    assert loaded.claims == []
    assert "3 rows read = 3 in the cohort" in Elements(report.render([loaded], {}, VERSIONS)).text
