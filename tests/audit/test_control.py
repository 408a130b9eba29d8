"""The audit of a controlled study: what was printed and the verdict, nothing that was recomputed."""

from support.disclosure import RULE

from recohort.audit import control

CLAIM = {
    "claim": "k", "printed": "40", "verdict": "reproduced",
    "recomputed": 40.0, "reason": "21 + 19 = 40.", "robustness": "40 of 40", "search": "all 3 tables",
}  # fmt: skip


def test_what_is_recomputed_does_not_leave():
    (shown,) = control.controlled_claims([CLAIM], RULE)
    assert shown == {
        "claim": "k", "printed": "40", "verdict": "reproduced",
        "recomputed": None, "reason": "", "robustness": "", "search": "",
    }  # fmt: skip
    assert control.controlled_claims([CLAIM], None) == [CLAIM]


def test_of_the_audit_the_printed_number_and_the_verdict_are_left():
    claim = {
        "claim": "n",
        "printed": "686",
        "recomputed": 686.0,
        "verdict": "reproduced",
        "reason": "246 + 440",
    }
    (found,) = control.controlled_claims([claim], RULE)
    assert (found["printed"], found["verdict"]) == ("686", "reproduced")
    assert (found["recomputed"], found["reason"]) == (None, "")
