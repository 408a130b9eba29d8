"""Proportions that cannot be meant."""


def check(references, key, options):
    """Refuse an outcome or a group that is not there."""
    references.factor(f"{key}.by", options["by"])
    for name, level in options["outcome"].items():
        references.level(f"{key}.outcome", name, level)
