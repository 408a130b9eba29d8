"""From cleaned text to the cohort: codebook, duplicates, follow-up, attrition, ledger."""
