"""Analyses made by hand, with the defaults of their kind."""

from recohort.protocol import schema
from recohort.protocol.model import Analysis


def analysis_of(name, kind, label, populations, options):
    """An Analysis as `protocol.model.read` makes it: what the options leave out has its default."""
    defaults = schema.defaults(schema.kind(kind)["properties"])
    return Analysis(name, kind, label, populations, {**defaults, **options})
