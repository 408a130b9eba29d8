"""Testing strategies."""

# How the measures of strategies end that are not of all specimens.
PER_1000 = " per 1,000"
