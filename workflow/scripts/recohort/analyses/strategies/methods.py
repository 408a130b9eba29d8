"""The methods of testing strategies in words."""


def paragraph(protocol, analyses):
    """What was done, from the options of all analyses of this kind."""
    return (
        "Testing strategies are compared by the tests that each needs and the positives that it finds and "
        "misses."
    )
