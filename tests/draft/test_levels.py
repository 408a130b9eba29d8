"""Levels of a draft: codes for missing, spellings of one level, free text, and the order of words."""

import pytest

from recohort.draft import order, words
from recohort.draft.guess import guess


@pytest.mark.parametrize(
    "text",
    [
        *(
            "k.A.",
            "k. A.",
            "K.A",
            "kA",
            "n.b.",
            "n. b.",
            "nd",
            "N.D.",
            "n.d.",
            "o. A.",
            "keine Angabe",
            "unbekannt",
        ),
        *("NA", "n/a", "N.A.", "#NV", "[Not Available]", "[Unknown]", "Not_Available", "not done", "unk"),
        *("onbekend", "n.v.t.", "niet bekend", "inconnue", "non renseigné", "NSP", "n.c.", "sconosciuto"),
        *("non disponibile", "desconocido", "s/d", "no consta", "não informado", "ignorado", "--", "?"),
    ],
)
def test_codes_for_missing(text):
    assert words.is_missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "[18,50]",
        "[65,Inf]",
        "SD",
        "PD",
        "NE",
        "NR",
        "none",
        "No",
        "nb1",
        "TX",
        "[x]",
        "0",
        "kai",
        "niet",
        "A.",
    ],
)
def test_what_is_a_level_and_no_code(text):
    assert not words.is_missing(text)


@pytest.mark.parametrize(
    ("levels", "how"),
    [
        (["Low", "Medium", "High"], order.SCALE),
        (["low risk", "intermediate risk", "high risk"], order.SCALE),
        (["niedrig", "mittel", "hoch"], order.SCALE),
        (["keine", "leicht", "mäßig", "schwer"], order.SCALE),
        (["laag", "matig", "hoog"], order.SCALE),
        (["faible", "modéré", "élevé"], order.SCALE),
        (["basso", "medio", "alto"], order.SCALE),
        (["bajo", "medio", "alto"], order.SCALE),
        (["none", "mild", "moderate", "severe"], order.SCALE),
        (["never", "former", "current"], order.SCALE),
        (["1 = low", "2 = high"], order.SCALE),
        (["<1", "1-5", ">5"], order.NUMBERS),
        (["<= 20", "20.1 - 50", "> 50"], order.NUMBERS),
        (["[18,50]", "(50,65]", "(65,Inf]"], order.NUMBERS),
        (["unter 50", "50 bis 65", "über 65"], order.NUMBERS),
        (["18–49", "50–64", "65+"], order.NUMBERS),
        (["≤2 cm", "2-5 cm", ">5 cm"], order.NUMBERS),
        (["0", "1+", "2+", "3+"], order.NUMBERS),
        (["I", "II", "IV", "V", "IX"], order.NUMBERS),
        (["Stage IA", "Stage IB", "Stage II", "Stage IIIC", "Stage IV"], order.NUMBERS),
        (["G1", "G2", "G3"], order.NUMBERS),
        (["pT1a", "pT1c", "pT2", "pT10"], order.NUMBERS),
        (["ductal", "lobular", "other"], order.ALPHABET),
        (["A", "AB", "B", "O"], order.ALPHABET),
        (["Grade 1", "Stage 2"], order.ALPHABET),
    ],
)
def test_order(levels, how):
    assert order.arranged(levels[::-1]) == (levels, how)
    notes = " ".join(guess("x", levels * 20).notes)
    assert ("the alphabet chose the reference" in notes) == (how == order.ALPHABET)


@pytest.mark.parametrize(
    ("texts", "levels", "recode"),
    [
        (["w", "w", "weiblich", "m"], ["m", "w"], {"weiblich": "w"}),
        (["male", "M", "M", "f"], ["f", "M"], {"male": "M"}),
        (["vrouw", "v", "v", "man"], ["man", "v"], {"vrouw": "v"}),
        (["links", "li.", "links", "rechts"], ["links", "rechts"], {"li.": "links"}),
        (["caf\u00e9", "cafe\u0301", "caf\u00e9", "tea"], ["caf\u00e9", "tea"], {"cafe\u0301": "caf\u00e9"}),
        (["a\u200bb", "ab", "ab", "c"], ["ab", "c"], {"a\u200bb": "ab"}),
        (["T\u20111", "T-1", "T-1", "N"], ["N", "T-1"], {"T\u20111": "T-1"}),
    ],
)
def test_spellings_of_one_level_are_one(texts, levels, recode):
    found = guess("x", texts * 10)
    assert (found.entry["levels"], found.entry["recode"]) == (levels, recode)


@pytest.mark.parametrize(
    ("frequent", "rare"),
    [("ductal", "dutcal"), ("Luminal A", "Lumnal A"), ("Karzinom", "Karzinoom"), ("adjuvant", "adj"),
     ("ER-positive", "ER positive"), ("mutated", "mutatde")],
)  # fmt: skip
def test_levels_that_may_be_one_are_offered_as_one(frequent, rare):
    found = guess("x", [frequent] * 30 + [rare] * 3 + ["something else"] * 30)
    assert set(found.entry["levels"]) == {frequent, rare, "something else"}
    (choice,) = found.choices
    assert choice["recode"] == {rare: frequent}
    assert f"{frequent} and {rare} may be one level" in found.notes[0]


@pytest.mark.parametrize(
    "pair",
    [("typical", "atypical"), ("Luminal A", "Luminal B"), ("Grade 1", "Grade 2"), ("Stage II", "Stage III"),
     ("T1a", "T1b"), ("A", "AB"), ("IV", "IVA"), ("hypo", "hyper"), ("m", "f")],
)  # fmt: skip
def test_levels_that_are_two(pair):
    found = guess("x", list(pair) * 20 + ["something else"] * 20)
    assert set(found.entry["levels"]) == {*pair, "something else"}
    assert found.choices == ()


def test_spanish_m_is_not_taken_for_a_man_or_a_woman():
    found = guess("sexo", ["hombre", "mujer", "h", "m"] * 10)
    assert len(found.entry["levels"]) == 4


def test_a_misspelt_yes_is_read_and_said():
    found = guess("er", ["Positive"] * 20 + ["Positve"] * 2 + ["Negative"] * 20)
    assert found.entry["positive"] == ["positive", "positve"]
    assert "Positve may be misspelt" in " ".join(found.notes)


@pytest.mark.parametrize(
    "pair", ["ja nein", "J N", "oui non", "sì no", "sí no", "sim não", "ja nee", "wahr falsch"]
)
def test_flags_in_each_language(pair):
    yes, no = pair.split()
    entry = guess("x", [yes, no] * 10).entry
    assert (entry["type"], entry["positive"], entry["negative"]) == (
        "flag",
        [yes.casefold()],
        [no.casefold()],
    )


@pytest.mark.parametrize(
    "texts",
    [
        [f"patient seen in ward {i % 12} doing well" for i in range(40)],
        ["x" * 90, "short"] * 20,
        ["first line\nsecond line", "nothing"] * 20,
        [f"Verlauf {'abcdefghijk'[i % 11]} ohne Besonderheiten bislang" for i in range(60)],
    ],
)
def test_free_text_is_no_category(make, texts):
    assert guess("remark", texts).type == "text"


def test_a_text_with_a_control_character_is_no_level():
    assert guess("grade", ["I", "II", "I\x1b", "II"] * 5).type == "text"
    assert guess("grade", ["I", "II", "I", "II"] * 5).type == "category"


def test_names_of_a_histology_are_a_category():
    texts = ["Invasive ductal carcinoma", "Invasive lobular carcinoma", "Mixed ductal and lobular carcinoma"]
    assert guess("x", texts * 20).type == "category"


def test_a_status_of_codes_is_no_number_in_a_small_extract():
    assert guess("status", ["1", "2", "1", "2", "2"]).entry == {"type": "category", "levels": ["1", "2"]}
