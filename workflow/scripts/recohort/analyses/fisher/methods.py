"""The methods of Fisher tests in words."""


def paragraph(protocol, analyses):
    """What was done, from the options of all analyses of this kind."""
    return (
        "Two groups are compared by Fisher's exact test; odds ratios are conditional maximum-likelihood "
        "estimates with exact intervals."
    )
