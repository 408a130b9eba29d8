"""What an input can give: no finding is among them, which is any exception."""

SAME, ACCOUNTED, REFUSED, UNTOLD = "same", "accounted", "refused", "cut untold"
