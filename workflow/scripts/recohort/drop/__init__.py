"""Data drops: what changed from one dated extract to the next, and what that did to the results."""
