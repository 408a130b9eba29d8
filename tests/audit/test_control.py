"""The audit of a controlled study: what was printed and the verdict, nothing that was recomputed."""

from support.disclosure import RULE

from recohort.audit import control

CLAIM = {
    "claim": "k", "printed": "40", "verdict": "reproduced",
    "recomputed": 40.0, "reason": "21 + 19 = 40.", "robustness": "40 of 40", "search": "all 3 tables",
}  # fmt: skip


def test_what_is_recomputed_does_not_leave():
    (shown,) = control.claims([CLAIM], RULE)
    assert shown == {
        "claim": "k", "printed": "40", "verdict": "reproduced",
        "recomputed": None, "reason": "", "robustness": "", "search": "",
    }  # fmt: skip
    assert control.claims([CLAIM], None) == [CLAIM]
