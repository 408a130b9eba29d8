"""The report: one page over all studies."""
