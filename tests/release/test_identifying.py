"""Ids, dates and free texts of patients: which texts of an extract these are, and where a file has one."""

import pytest

from recohort import release
from recohort.extract import read as extract
from recohort.extract.delimited import Refused
from recohort.release import identifying

CODEBOOK = {
    "age": {"type": "number", "label": "Age"},
    "seen": {"type": "date", "formats": ["%d.%m.%Y"], "range": ["2010-01-01", "2019-12-31"], "label": "Seen"},
    "remark": {"type": "text", "label": "Remark", "missing": ["n/a"]},
}


def values(study, rows, words=(), threshold=7, refused=()):
    text = "id,age,seen,remark\n" + "\n".join(rows) + "\n"
    made = study(text, CODEBOOK, extract={"missing": ["unknown"]})

    loaded = made.load()
    frame, _ = extract.assemble(loaded.protocol, list(loaded.files.values()), loaded.prepare)
    return identifying.values(frame, list(refused), loaded.protocol, set(words), threshold)


def test_ids_dates_and_free_texts_of_every_row(study):
    found = values(study, ["P-1,50,04.01.2016,a limp", " P-2 ,51,unknown,n/a", "unknown,52,,"])
    assert found == {
        "P-1": "an id of tiny",
        "P-2": "an id of tiny",
        "04.01.2016": "a date of tiny",
        "2016-01-04": "a date of tiny",
        "a limp": "a free text of tiny",
    }


def test_a_date_out_of_its_range_is_one_and_what_is_no_date_is_a_free_text(study):
    found = values(study, ["P-1,50,04.01.2036,", "P-2,50,after Easter,"])
    assert found["2036-01-04"] == found["04.01.2036"] == "a date of tiny"
    assert found["after Easter"] == "a free text of tiny"


def test_a_row_that_could_not_be_split_is_a_free_text(study):
    found = values(study, ["P-1,50,,"], refused=[Refused(3, "too many fields", "", "P-3,Jane Doe,1,2,3")])
    assert found["P-3,Jane Doe,1,2,3"] == "a free text of tiny"


def test_a_text_that_more_rows_than_the_threshold_share_tells_of_nobody(study):
    rows = [f"P-{i},50,,{'left side' if i < 3 else 'both'}" for i in range(7)]
    assert {"left side", "both"} & values(study, rows, threshold=3).keys() == {"left side"}


def test_dates_and_texts_of_the_protocol_are_no_patients_but_ids_are(study):
    found = values(study, ["P-1,50,04.01.2016,a limp"], words=["P-1", "2016-01-04", "a limp"])
    assert found == {"P-1": "an id of tiny", "04.01.2016": "a date of tiny"}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("\u00c9lan-01", "E\u0301lan-01"),
        ("E\u0301lan-01", "\u00e9lan-01"),
        ("\uff30-\uff11\uff12", "p-12"),
        ("P-12", "\uff30-\uff11\uff12"),
        ("P-12", "P\u200b-1\u00ad2"),
        ("P\u200b-12", "P-12"),
        ("Jane  12", "Jane\u00a012"),
        ("Jane\u00a012", "Jane  12"),
    ],
)
def test_an_id_is_found_however_it_is_written(study, written, found):
    known = identifying.known(values(study, [f"{written},50,,"]))
    text = f"variable,n\nage,12\nx,{found}\n"
    assert identifying.first(text, known, ".csv") == (3, "an id of tiny")
    assert identifying.first(text.replace(found, "none"), known, ".csv") is None


def test_words_are_keys_and_texts_at_any_depth():
    content = {"codebook": {"age": {"range": ["2010-01-01"], "per": 10}}}
    assert identifying.words([content]) == {"codebook", "age", "range", "2010-01-01", "per", "10"}


FOUND = identifying.known(
    {
        "P-0001-T1": "an id of tiny",
        "MÜLLER": "an id of tiny",
        "1234567": "an id of tiny",
        "12": "an id of tiny",
        "04.01.2016": "a date of tiny",
        "a limp": "a free text of tiny",
        "(seldom)": "a free text of tiny",
        "--": "a free text of tiny",
    }
)


@pytest.mark.parametrize(
    ("text", "suffix", "what"),
    [
        ("x,P-0001-T1,y\n", ".csv", "an id of tiny"),
        ('"the sample p-0001-t1, again"', ".csv", "an id of tiny"),
        ("<text>P-0001-T1</text>", ".svg", "an id of tiny"),
        ("<a title='P-0001-T1'>", ".html", "an id of tiny"),
        ("AP-0001-T1 P-0001-T12 P-0001-T", ".csv", None),
        ("a,Müller,b", ".csv", "an id of tiny"),
        ("<td> Müller </td>", ".html", "an id of tiny"),
        ("<p>as Müller has shown</p>", ".html", None),
        ("| Müller |", ".md", "an id of tiny"),
        ("Müller", ".csv", "an id of tiny"),
        ("id,1234567\n", ".csv", "an id of tiny"),
        ("patient 1234567.", ".html", "an id of tiny"),
        ("0.1234567 1234567.5 91234567 12345678", ".csv", None),
        ("12", ".csv", None),
        ("on 04.01.2016.", ".html", "a date of tiny"),
        ("104.01.2016, 04.01.20161", ".html", None),
        ("she has a limp", ".html", "a free text of tiny"),
        ("a limping cat", ".html", None),
        ("'(seldom)", ".csv", "a free text of tiny"),
        ("-- --", ".csv", None),
    ],
)
def test_a_text_is_found_where_it_stands_alone(text, suffix, what):
    found = identifying.first(text, FOUND, suffix)
    assert (found and found[1]) == what


def test_the_line_is_named():
    assert identifying.first("a\nb\nc P-0001-T1", FOUND, ".csv") == (3, "an id of tiny")


def test_ids_that_are_numbers_like_counts_are_counted_not_looked_for():
    assert FOUND.n_numbers == 1
    assert identifying.is_like_a_count("99999") and identifying.is_like_a_count("12,5")
    assert not identifying.is_like_a_count("100000") and not identifying.is_like_a_count("12.5.")


ESCAPED = [
    (".json", "fell\non 3 steps", r'{"said": "she fell\non 3 steps."}'),
    (".json", "a\tb 2", r'["a\tb 2"]'),
    (".json", r"C:\temp\x1", r'["C:\\temp\\x1", "[c]"]'),
    (".json", 'said "no" to 3', r'{"tables": "{\"rows\": [\"said \\\"no\\\" to 3\"]}"}'),
    (".md", "P_001", r"| P\_001 |"),
    (".md", "5* at B&B", r"| 5\* at B&amp;B |"),
]


@pytest.mark.parametrize(("suffix", "text", "content"), ESCAPED)
def test_a_text_is_found_behind_the_escapes_of_a_format(suffix, text, content):
    ((_, plain),) = release.texts(f"page{suffix}", content.encode())
    known = identifying.known({text: "a free text of tiny"})
    assert identifying.first(plain, known, suffix) == (1, "a free text of tiny")
