"""Descriptions of the cohort: Table 1 and the data dictionary."""
