"""Days divided by an average month or year are noted, however it is written; other times are not."""

import pytest

from recohort.protocol import average_time

BOOK = {
    "born": {"type": "date", "label": "Birth"},
    "dx": {"type": "date", "label": "Diagnosis"},
    "last": {"type": "date", "label": "Last contact"},
    "follow": {"type": "number", "unit": "days", "label": "Follow-up"},
    "size": {"type": "number", "unit": "mm", "label": "Size"},
    "cns": {"type": "flag", "label": "CNS"},
}


@pytest.fixture
def noted(study):
    def notes(*keep, **derived):
        book = BOOK | {
            name: {"type": "number", "label": name.capitalize(), "derive": text}
            for name, text in derived.items()
        }
        steps = [{"step": f"Step {i}", "keep": text} for i, text in enumerate(keep)]
        return average_time.notes(study("id\n", book, cohort=steps).protocol())

    return notes


@pytest.mark.parametrize(
    "text",
    [
        *(f"(dx - born) / {size}" for size in ("365", "365.25", "365.2425", "365.24", "360", "3652.5")),
        *(
            f"(last - dx) / {size}"
            for size in ("30", "30.4", "30.44", "30.4375", "30.5", "31", "91.3", "182.6")
        ),
        "(last - dx) * 12 / 365.25",
        "12 * (last - dx) / 365",
        "(last - dx) / (365.25 / 12)",
        "(last - dx) / 365.25 * 12",
        "(last - dx) / 7 / 52",
        "(last - dx) * (1 / 365.25)",
        "0.002738 * (dx - born)",
        "follow / 365.25",
        "abs(dx - born) / 365.25",
        "round((dx - born) / 365.25, 1)",
        "max(dx - born, 0) / 365.25",
        "coalesce(follow, last - dx) / 30.44",
        "if(cns, last - dx, follow) / 30.44",
        "(follow + (last - dx)) / 365.25",
        "(max(dx, last) - born) / 365.25",
        "(dx - '1950-01-01') / 365.25",
        "-(born - dx) / 365.25",
        "size + (dx - born) / 365.25",
    ],
)
def test_noted(noted, text):
    (note,) = noted(age=text)
    assert note.startswith(f"Age: {text} counts in months or years of average length")


@pytest.mark.parametrize(
    "text",
    ["years(born, dx)", "dx - born", "(last - dx) / 7", "(last - dx) / 14", "(last - dx) / 21", "follow / 28",
     "size / 365.25", "size / 30", "follow / 2", "follow * 0", "(last - dx) / size", "(last - dx) / follow",
     "months(dx, last) / 12", "(last - dx) - 365", "log(follow) / 30", "known(follow) / 30"],
)  # fmt: skip
def test_not_noted(noted, text):
    assert noted(age=text) == []


@pytest.mark.parametrize(
    ("text", "is_noted"),
    [
        ("(dx - born) / 365.25 >= 18", True),
        ("cns or not (dx - born) / 365.25 < 18", True),
        ("dx - born >= 18 * 365.25", True),
        ("18 * 365 <= dx - born", True),
        ("dx - born >= 365.25", True),
        ("follow >= 6 * 30.44", True),
        ("last - dx >= 365", False),  # days that somebody chose
        ("follow <= 30", False),
        ("size >= 18 * 365.25", False),
        ("years(born, dx) >= 18", False),
    ],
)
def test_conditions(noted, text, is_noted):
    assert [note.split(":")[0] for note in noted(text)] == ["Step 0"] * is_noted


def test_days_are_followed_through_derived_variables_and_noted_once(noted):
    found = noted("age >= 18", days="dx - born", weeks="days / 7", age="weeks / 52.18", half="age / 2")
    assert [note.split(":")[0] for note in found] == ["Age"]
