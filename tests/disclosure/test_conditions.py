"""Counts by what they count, and which of them make up another."""

from recohort.disclosure.conditions import KNOWN, MISSING, cell, crossed, lines


def of(*conditions):
    return frozenset(conditions)


def test_a_cross_table_has_its_cells_and_margins():
    cells = {("0", "neg"): 3, ("0", "pos"): 2, ("1", "neg"): 4, ("1", "pos"): 1}
    assert crossed("ihc", "fish", cells) == {
        **{cell("ihc", "fish", *key): n for key, n in cells.items()},
        cell("ihc", "fish", "0", KNOWN): 5,
        cell("ihc", "fish", "1", KNOWN): 5,
        cell("ihc", "fish", KNOWN, "neg"): 7,
        cell("ihc", "fish", KNOWN, "pos"): 3,
        cell("ihc", "fish", KNOWN, KNOWN): 10,
    }


def test_a_cell_is_the_same_whichever_variable_is_in_the_rows():
    assert cell("ihc", "fish", "0", "pos") == cell("fish", "ihc", "pos", "0")
    assert cell("ihc", "fish", "0", "pos") == of(("ihc", "0"), ("fish", "pos"))


LEVELS = {of(("ihc", "0")): 5, of(("ihc", "1")): 6, of(("ihc", KNOWN)): 11}


def test_levels_make_up_those_known_and_they_and_the_missing_make_up_all():
    found = lines({of(): 13, **LEVELS, of(("ihc", MISSING)): 2}, {})
    assert set(found) == {
        (of(("ihc", KNOWN)), (of(("ihc", "0")), of(("ihc", "1")))),
        (of(), (of(("ihc", KNOWN)), of(("ihc", MISSING)))),
    }


def test_where_nobody_is_missing_those_known_are_all():
    found = lines({of(): 11, **LEVELS, of(("ihc", MISSING)): 0}, {})
    assert (of(), (of(("ihc", KNOWN)),)) in found


def test_a_total_of_which_a_part_is_not_counted_is_no_line():
    assert lines({of(): 13, of(("ihc", "0")): 5}, {}) == []


def test_levels_of_a_variable_make_up_those_of_one_that_follows_from_it():
    counted = {of(("ihc", level)): n for level, n in (("0", 5), ("1", 6), ("2", 7), ("odd", 1))}
    counted |= {
        of(("ihc", KNOWN)): 19,
        of(("her2", KNOWN)): 18,
        of(("her2", "no")): 11,
        of(("her2", "yes")): 7,
    }
    found = dict.fromkeys(lines(counted, {("her2", "ihc"): {"0": "no", "1": "no", "2": "yes"}}))
    assert (of(("her2", "no")), (of(("ihc", "0")), of(("ihc", "1")))) in found
    assert (of(("her2", "yes")), (of(("ihc", "2")),)) in found
    # of "odd" nothing follows
    assert (of(("ihc", KNOWN)), (of(("her2", KNOWN)), of(("ihc", "odd")))) in found
