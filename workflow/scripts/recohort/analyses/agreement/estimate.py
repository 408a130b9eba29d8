"""A test against a reference: accuracy, kappa, McNemar's test."""

from typing import Any

from recohort.analyses.crosstab.estimate import cross, estimates, left_out, result
from recohort.statistics import paired_tests, proportions

MEASURES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "accuracy": "accuracy",
}


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """Sensitivity and its like, kappa and McNemar's test."""
    return estimates(
        patients,
        protocol,
        analysis,
        lambda inside: _accuracy(inside, protocol, analysis.options, confidence),
    )


def _accuracy(
    patients: Any, protocol: Any, options: dict[str, Any], confidence: float
) -> tuple[list[dict[str, Any]], list[Any]]:
    ((test, positive),) = options["test"].items()
    ((reference, true),) = options["reference"].items()
    table = cross(patients, test, reference)
    known = table.drop(index="").drop(columns="")
    (negative,), (false,) = known.index.drop(positive), known.columns.drop(true)
    square = known.loc[[positive, negative], [true, false]].to_numpy()
    (tp, fp), (fn, tn) = square
    parts = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, square.sum()),
    }
    shared = {
        "outcome": f"{reference}={true}",
        "term": test,
        "level": positive,
        "n": int(square.sum()),
        "events": int(tp + fn),
        **left_out(table),
    }
    rows = []
    for name, found in proportions.diagnostic_accuracy(square, confidence=confidence).items():
        yes, n = parts[name]
        rows.append(
            {
                **shared,
                "measure": MEASURES[name],
                "n_level": int(n),
                "events_level": int(yes),
                **result(found),
            }
        )
    kappa = result(paired_tests.kappa(square, confidence))
    if kappa.get("ci_high", 0) > 1:  # Wald's interval does not know that kappa cannot pass 1
        kappa |= {"ci_high": 1.0, "ci_method": f"{kappa['ci_method']}, cut at 1"}
    rows.append({**shared, "measure": "kappa", **kappa})
    rows.append({**shared, "measure": "McNemar", **result(paired_tests.mcnemar(square))})
    return rows, [table]
