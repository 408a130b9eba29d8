"""Which dated drops a study has, and which two are compared."""

from datetime import date

import pytest

from recohort.base.errors import RecohortError
from recohort.protocol import drops as dates
from recohort.protocol import studies

CSV = "id,age\n1,50\n"


def message(call):
    with pytest.raises(RecohortError) as caught:
        call()
    return str(caught.value)


def drops(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CSV)
    return folder


def found(folder, *paths, raw=()):
    files = {f"file{i}": {"path": path} if isinstance(path, str) else path for i, path in enumerate(paths)}
    return dates.find(files, folder, list(raw), "s")


def test_dates_are_found_in_order_and_other_files_are_none(tmp_path):
    drops(tmp_path, "drops/2026-10-01.csv", "drops/2025-12-31.csv", "drops/notes.txt", "extract.csv")
    assert found(tmp_path, "drops/{drop}.csv") == ["2025-12-31", "2026-10-01"]
    assert found(tmp_path, "extract.csv") == []


def test_a_date_may_be_a_folder_and_be_there_twice(tmp_path):
    drops(tmp_path, "d/2026-10-01/x.csv", "d/2026-10-01/y-2026-10-01.csv")
    assert found(tmp_path, "d/{drop}/x.csv", "d/{drop}/y-{drop}.csv") == ["2026-10-01"]
    drops(tmp_path, "e/2026-10-01/y-2026-11-01.csv")
    assert found(tmp_path, "e/{drop}/y-{drop}.csv") == []


def test_brackets_in_a_path_are_no_pattern(tmp_path):
    drops(tmp_path, "[a]/2026-10-01.csv", "a/2026-11-01.csv")
    assert found(tmp_path, "[a]/{drop}.csv") == ["2026-10-01"]


def test_raw_files_are_looked_for_where_raw_files_are(tmp_path):
    drops(tmp_path / "elsewhere", "2026-10-01.csv")
    assert found(tmp_path, {"raw": "{drop}.csv"}, raw=[tmp_path / "elsewhere"]) == ["2026-10-01"]


def test_a_date_that_lacks_a_file_is_refused(tmp_path):
    drops(tmp_path, "a/2026-10-01.csv", "a/2026-11-01.csv", "b/2026-10-01.csv")
    assert message(lambda: found(tmp_path, "a/{drop}.csv", "b/{drop}.csv")) == (
        "study s, key extract.files.file1: the drop 2026-11-01 has no file b/2026-11-01.csv. Add it, or take "
        "the other files of that date away."
    )


@pytest.mark.parametrize("name", ["2026-13-01", "2026-1-1", "20261001", "latest"])
def test_what_is_no_date_is_refused(tmp_path, name):
    drops(tmp_path, f"drops/{name}.csv")
    assert message(lambda: found(tmp_path, "drops/{drop}.csv")) == (
        f"study s, file drops/{name}.csv: {name!r} is not a date. Rename it, YYYY-MM-DD, or take it away."
    )


def test_the_date_goes_into_every_slot_of_a_path_and_nowhere_else():
    twice = {"path": "{drop}/x-{drop}.csv"}
    assert dates.filled(twice, "2026-10-01") == {"path": "2026-10-01/x-2026-10-01.csv"}
    entry = {"raw": "{drop}.csv", "sheet": "{drop}", "skip_rows": 1}
    assert dates.filled(entry, "2026-10-01") == {"raw": "2026-10-01.csv", "sheet": "{drop}", "skip_rows": 1}


DAYS = ["2026-01-01", "2026-02-01", "2026-03-01"]


def test_the_last_but_one_is_the_previous_unless_another_is_wanted():
    assert dates.previous(DAYS, None, "s") == "2026-02-01"
    assert dates.previous(DAYS, "2026-01-01", "s") == "2026-01-01"
    assert dates.previous(DAYS[:1], None, "s") is None


@pytest.mark.parametrize(
    ("days", "wanted", "known"),
    [
        (DAYS, "2026-01-02", "Known: 2026-01-01, 2026-02-01."),
        (DAYS, "2026-03-01", "Known: 2026-01-01, 2026-02-01."),
        (DAYS[:1], "2026-03-01", "There is only 2026-01-01."),
    ],
)
def test_an_unknown_previous_names_those_there_are(days, wanted, known):
    assert message(lambda: dates.previous(days, wanted, "s")) == (
        f"study s, file config.yaml, key previous: {wanted!r} is not a drop before the newest, {days[-1]}. "
        f"{known}"
    )


def test_one_date_is_wanted_of_every_study_that_has_it():
    there = {"a": DAYS, "b": DAYS[1:], "c": DAYS[:1]}
    assert dates.wanted("2026-01-01", there) == {"a": "2026-01-01"}
    assert dates.wanted("2026-02-01", there) == {"a": "2026-02-01", "b": "2026-02-01"}
    assert dates.wanted({"b": "2026-01-01"}, there) == {"b": "2026-01-01"}
    assert dates.wanted(None, there) == {}


def test_a_date_that_no_study_has_is_refused():
    assert message(lambda: dates.wanted("2026-09-09", {"a": DAYS})) == (
        "file config.yaml, key previous: no study has a drop '2026-09-09' before its newest. Known: a has "
        "2026-01-01, 2026-02-01, 2026-03-01."
    )
    assert message(lambda: dates.wanted("2026-09-09", {})).endswith("before its newest. No study has drops.")


def test_a_study_without_drops_has_no_previous():
    assert message(lambda: dates.wanted({"alfa": "2026-01-01"}, {"alpha": DAYS})) == (
        "file config.yaml, key previous: 'alfa' is not a study with drops in this run. Did you mean 'alpha'?"
    )


@pytest.fixture
def dropped(study, tmp_path):
    """A study with three drops, loaded with a config."""
    made = study(CSV, read={"path": "drops/{drop}.csv"})
    drops(tmp_path / "tiny", *(f"drops/{day}.csv" for day in DAYS))

    def load(**config):
        config = studies.configuration({"studies": ["tiny"], "confidence": 0.95, **config})
        return studies.load(config, tmp_path)[0]["tiny"]

    return made, load


def test_the_newest_is_analysed_and_the_one_before_it_is_compared(dropped, tmp_path):
    loaded = dropped[1]()
    assert (loaded.drops, loaded.previous) == (DAYS, "2026-02-01")
    assert loaded.files == {"registry": tmp_path / "tiny/drops/2026-03-01.csv"}
    assert loaded.previous_files == {"registry": tmp_path / "tiny/drops/2026-02-01.csv"}


@pytest.mark.parametrize("previous", ["2026-01-01", {"tiny": "2026-01-01"}])
def test_the_configuration_names_another_previous(dropped, previous):
    assert dropped[1](previous=previous).previous == "2026-01-01"


def test_dates_that_yaml_made_of_the_configuration_are_texts_again():
    assert studies.previous_as_text(date(2026, 1, 1)) == "2026-01-01"
    assert studies.previous_as_text({"tiny": date(2026, 1, 1)}) == {"tiny": "2026-01-01"}


def test_a_previous_that_is_no_date_is_refused(dropped):
    text = message(lambda: dropped[1](previous="yesterday"))
    assert text.startswith("file config.yaml, key previous: 'yesterday'")


def test_a_study_without_a_slot_has_no_drops(study):
    loaded = study(CSV).load()
    assert (loaded.drops, loaded.previous, loaded.previous_files) == ([], None, {})


def test_a_study_whose_raw_drops_are_absent_is_skipped(study, tmp_path):
    study(CSV, extract={"files": {"registry": {"raw": "{drop}.csv"}}})
    loaded, skipped = studies.load({"studies": ["tiny"], "confidence": 0.95}, tmp_path)
    assert loaded == {} and skipped["tiny"].startswith("{drop}.csv is not in ")


def test_gates_without_drops_are_refused(study):
    assert message(study(CSV, fail_when={"column_gone": True}).load) == (
        "study tiny, key fail_when: gates compare dated drops, and no file has a date. Put {drop} in the "
        "path of a file, such as drops/{drop}.csv, or remove the gates."
    )


def test_a_path_with_a_slot_stays_in_the_folder(study, tmp_path):
    study(CSV, read={"path": "../{drop}.csv"})
    drops(tmp_path, "2026-01-01.csv")
    text = message(lambda: studies.load({"studies": ["tiny"], "confidence": 0.95}, tmp_path))
    assert "leaves the folder" in text


def test_a_study_whose_folder_has_no_drop_says_where_the_first_belongs(study):
    made = study(CSV, extract={"files": {"registry": {"path": "drops/{drop}.csv"}}})
    assert message(made.load) == (
        "study tiny, key extract.files.registry: there is no drop: no file drops/YYYY-MM-DD.csv. Put the "
        "first there, such as drops/2026-10-01.csv."
    )


def test_a_date_in_another_form_is_refused():
    config = {"studies": ["tiny"], "confidence": 0.95, "previous": "1 July"}
    assert message(lambda: studies.configuration(config)) == (
        "file config.yaml, key previous: '1 July' is not in the form wanted. An ISO date, YYYY-MM-DD."
    )
