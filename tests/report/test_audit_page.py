"""The audit as the report shows it: counts, shown values, positions, and the page itself."""

import re

import pytest
from support.paths import ROOT
from support.report import VERSIONS, Elements, study

from recohort import audit
from recohort.audit import claims
from recohort.audit.finding import VERDICTS
from recohort.base.files import write_rows
from recohort.report import audit_page
from recohort.report import page as report

PUBLISHED = sorted((ROOT / "data").glob("*/published.yaml"))

COLUMNS = (
    "study", "claim", "kind", "where", "what", "evidence", "printed", "recomputed", "verdict", "reason",
    "robustness", "search",
)  # fmt: skip


def row(claim, kind, evidence, printed, recomputed, verdict, **more):
    values = {
        "study": "mystudy",
        "where": "Results",
        "what": f"what {claim} is",
        "reason": f"because of {claim}",
    }
    values |= {"robustness": "", "search": ""} | more
    return values | {
        "claim": claim, "kind": kind, "evidence": evidence, "printed": printed, "recomputed": recomputed,
        "verdict": verdict,
    }  # fmt: skip


ROWS = [
    row("n", "count", "recomputed", "766", 766.0, "reproduced"),
    row("share", "percent", "recomputed", "37", 37.66233766, "rounding"),
    row("or", "odds_ratio", "recomputed", "0.50", 0.5049, "contradicted", reason="a <b>bold</b> reason"),
    row("or", "odds_ratio", "synthetic", "0.50", 1.0, "not checkable"),
    row("hr", "hazard_ratio", "synthetic", "2.00", 2.004, "not checkable"),
    row("p", "p_value", "recomputed", "0.04", 0.0000012, "method"),
    row("said", "statement", "none", "no difference", None, "not checkable"),
]


def test_reads_what_the_stage_wrote(tmp_path):
    path = tmp_path / "claims.csv"
    # a text that a spreadsheet would run is guarded in the file, and as it was on the page
    rows = [*ROWS, row("formula", "statement", "none", "=1+1", None, "not checkable")]
    write_rows(path, COLUMNS, rows)
    assert "'=1+1" in path.read_text(encoding="utf-8")
    assert audit_page.read(path) == rows


def test_each_claim_is_counted_once_by_the_evidence_that_decides():
    assert audit_page.counts(ROWS) == (
        "6 claims: 1 reproduced, 1 rounding, 1 method, 1 contradicted, 2 not checkable"
    )
    assert audit_page.counts(ROWS[:1]) == "1 claim: 1 reproduced"


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.parent.name)
def test_counts_are_those_that_the_audit_says(path):
    publication = claims.read(path)
    found = audit.findings(publication)
    rows = audit.table(publication, found)
    assert audit_page.counts(rows) == audit.counts_of(found)
    assert {row["evidence"] for row in rows} <= set(audit_page.EVIDENCE)


def test_recomputed_values_have_two_decimals_more_than_are_printed_and_all_in_full():
    found = {(f["claim"], f["evidence"]): (f["shown"], f["full"]) for f in audit_page.findings(ROWS)}
    assert found["n", "recomputed"] == ("766", "766")
    assert found["share", "recomputed"] == ("37.66", "37.66233766")
    assert found["or", "recomputed"] == ("0.5049", "0.5049")
    assert found["p", "recomputed"] == ("<0.0001", "1.2e-06")
    assert found["said", "none"] == ("", "")


def test_dumbbells_stand_on_a_log_axis_by_evidence():
    drawn = audit_page.dumbbells(ROWS)
    assert [evidence for evidence, _ in drawn["groups"]] == ["recomputed", "synthetic"]
    (recomputed,), (other, hazard) = (group for _, group in drawn["groups"])
    half, one, two = (
        next(t["x"] for t in drawn["ticks"] if t["label"] == label) for label in ("0.5", "1", "2")
    )
    assert 0 < half < one < two < 100
    # equal ratios are equal distances; positions are rounded to a thousandth
    assert one - half == pytest.approx(two - one, abs=0.002)
    assert recomputed["x_printed"] == half < recomputed["x_recomputed"] < one
    assert (other["x_printed"], other["x_recomputed"]) == (half, one)
    assert hazard["x_printed"] == two < hazard["x_recomputed"]


def test_ticks_stay_few_and_no_difference_is_among_them():
    ticks = audit_page.dumbbells([row("or", "odds_ratio", "recomputed", "4000", 0.0002, "contradicted")])[
        "ticks"
    ]
    assert "1" in [tick["label"] for tick in ticks]
    assert 3 <= len(ticks) <= audit_page.MOST_TICKS + 1
    assert all(0 <= tick["x"] <= 100 for tick in ticks)


def test_without_a_ratio_there_is_no_figure():
    assert audit_page.dumbbells(ROWS[:2]) is None
    endless = row("or", "odds_ratio", "recomputed", "9.0", float("inf"), "contradicted")
    assert audit_page.dumbbells([endless]) is None
    assert audit_page.findings([endless])[0]["shown"] == "∞"


def test_the_page_has_each_claim_escaped_and_can_be_filtered(tmp_path):
    page = report.render([study(tmp_path, claims=ROWS)], {}, VERSIONS)
    assert page.count("data-verdict=") == len(ROWS)
    for finding in ROWS:
        assert f"<code>{finding['claim']}</code>" in page
    assert "a &lt;b&gt;bold&lt;/b&gt; reason" in page and "<b>bold</b>" not in page
    assert audit_page.counts(ROWS) in page
    assert '<select name="verdict">' in page and "equal by construction" in page
    assert "FormData" in page  # the script that filters


def test_a_hostile_claim_stays_text_in_cells_and_attributes(tmp_path):
    hostile = dict.fromkeys(("claim", "what", "where", "reason", "search"), '"><script>alert(1)</script>')
    page = report.render([study(tmp_path, claims=[ROWS[2] | hostile])], {}, VERSIONS)
    # the one script is the page's own
    assert Elements(page).all("script") == [{}]
    assert page.count("&#34;&gt;&lt;script&gt;alert(1)") == len(hostile) + 1  # `what` is in the figure too


def test_verdicts_and_evidence_are_explained_and_offered_where_they_occur(tmp_path):
    assert set(audit_page.VERDICTS) == set(VERDICTS)
    page = report.render([study(tmp_path, claims=ROWS[:3])], {}, VERSIONS)
    text = Elements(page).text
    assert all(meaning in text for meaning in [*audit_page.VERDICTS.values(), *audit_page.EVIDENCE.values()])
    form = re.search(r"<form.*?</form>", page, re.S)[0]
    assert re.findall(r"<option>(.*?)</option>", form) == [
        *("contradicted", "rounding", "reproduced"),
        "recomputed",
    ]
    # without the script there are no controls, and every line is there
    assert "hidden" in Elements(form).all("form")[0]
    assert not any("hidden" in attributes for attributes in Elements(page).all("tr"))


def test_table_and_figure_are_numbered_after_those_of_the_results(tmp_path):
    page = report.render([study(tmp_path, claims=ROWS)], {}, VERSIONS)
    assert "Figure 4.</b> Published ratios" in page and "Table 4.</b> Published numbers" in page


def test_a_study_without_a_publication_has_no_audit(tmp_path):
    page = report.render([study(tmp_path)], {}, VERSIONS)
    assert "mystudy-audit" not in page and "data-verdict" not in page


def test_a_p_value_below_1_is_not_printed_as_1():
    found = audit_page.findings([
        row("p", "p_value", "recomputed", "1.0", 0.99999, "reproduced"),
        row("q", "p_value", "recomputed", "0.99", 0.98, "reproduced"),
    ])  # fmt: skip
    assert [f["shown"] for f in found] == [">0.999", "0.9800"]
