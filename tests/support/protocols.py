"""Parts of a protocol made by hand: what is not given is as the schema says."""

from recohort.protocol import model, schema, yaml_file


def variable(name, type, label, column=None, **keys):
    """A variable of the codebook; its column is of its own name unless given."""
    column = {} if column is None else {"column": column}
    return model.variable(name, {"type": type, "label": label, **column, **keys})


def endpoint(name, label, event, unit, **keys):
    """An endpoint; `event` is (variable, level)."""
    return model.endpoint(name, {"label": label, "event": dict([event]), "unit": unit, **keys})


def step(step, keep=None, **keys):
    """A step of the cohort: a condition to keep, or `first` and `per`."""
    keep = {} if keep is None else {"keep": keep}
    return model.step({"step": step, **keep, **keys})


def population(name, label, steps=()):
    """A population; its patients are a column of the cohort."""
    return model.Population(name, label, steps)


def analysis(name, kind, label, populations, options):
    """An analysis, with the default of each option that it lacks."""
    return model.analysis(name, {"kind": kind, "label": label, "populations": populations, **options})


def file(entry, path="extract.csv"):
    """How a file is read; the suffix of `path` names its format where the entry has none."""
    return model.file(entry if isinstance(entry, str) or "raw" in entry else {"path": path, **entry})


def protocol(**given):
    """A study without data, endpoints or analyses, but for what is given."""
    unset = yaml_file.filled({"extract": {}}, schema.study())
    extract = yaml_file.filled(given.pop("extract", {}), schema.part("extract"))
    if "files" in extract:
        extract["files"] = {name: file(entry) for name, entry in extract["files"].items()}
    return model.Protocol(
        **{
            "study": "invented",
            "title": "",
            "data": "synthetic",
            "description": unset["description"],
            "codebook": {},
            "checks": (),
            "endpoints": {},
            "cohort": (),
            "populations": {"all": population("all", "All")},
            "analyses": {},
            "assumptions": (),
            "public": unset["public"],
            "fail_when": unset["fail_when"],
            "unit": extract["unit"],
            **given,
            "source": yaml_file.filled(given.get("source", {}), schema.part("source")),
            "extract": extract,
        }
    )
