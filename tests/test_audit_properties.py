"""Claims printed from random tables are all found right, and with one digit changed none is; both are counted."""

from collections import Counter

import numpy as np
from scipy.stats import chi2_contingency, fisher_exact, norm

from recohort import audit, claims
from recohort.claims import DIAGNOSTIC

TABLES = 1000
# many tables to a file: reading YAML is what takes the time
PER_FILE = 20
Z = 1.959963984540054


def printed(value, decimals):
    """As R's sprintf prints it: the double itself, half to even."""
    return f"{value:.{decimals}f}"


def printed_p(p):
    return "<0.001" if p < 0.001 else printed(p, 3)


def wald(table):
    (a, b), (c, d) = table
    ratio, error = a * d / (b * c), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return (
        ratio,
        ratio * np.exp(-Z * error),
        ratio * np.exp(Z * error),
        2 * norm.sf(abs(np.log(ratio)) / error),
    )


TESTS = {
    "Wald": lambda table: wald(table)[3],
    "Fisher": lambda table: fisher_exact(table).pvalue,
    "chi-square": lambda table: chi2_contingency(table, correction=False).pvalue,
    "chi-square with correction": lambda table: chi2_contingency(table).pvalue,
    "likelihood ratio": lambda table: (
        chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    ),
}


def random_table(random):
    sizes = random.integers(20, 500, size=2)
    with_feature = [random.integers(1, n) for n in sizes]
    return np.array([[k, n - k] for k, n in zip(with_feature, sizes, strict=True)])


def of_counts(name, table, random):
    """A paper that prints counts: group sizes, those with the feature, percentages, odds ratio, interval, P."""
    first, second, cell = f"{name}_a", f"{name}_b", f"{name}_t"
    ratio, low, high, _ = wald(table)
    test = random.choice(list(TESTS))
    decimals = int(random.integers(0, 2))
    numbers = [
        ("count", {"of": first}, str(table[0].sum())),
        ("count", {"of": second}, str(table[1].sum())),
        ("count", {"of": name}, str(table.sum())),
        ("count", {"of": f"{cell}.{first}"}, str(table[0, 0])),
        ("count", {"of": f"{cell}.{second}"}, str(table[1, 0])),
        (
            "percent",
            {"part": f"{cell}.{first}", "whole": first},
            printed(100 * table[0, 0] / table[0].sum(), decimals),
        ),
        (
            "percent",
            {"part": f"{cell}.{second}", "whole": second},
            printed(100 * table[1, 0] / table[1].sum(), 1),
        ),
        ("odds_ratio", {"table": cell, "model": "univariable"}, printed(ratio, 2)),
        ("confidence_low", {"of": f"{name}_7"}, printed(low, 2)),
        ("confidence_high", {"of": f"{name}_7"}, printed(high, 2)),
        ("p_value", {"of": f"{name}_7", "tests": f"[{test}]"}, printed_p(TESTS[test](table))),
    ]
    return numbers


def of_percentages(name, table, random):
    """A paper that prints the total with the feature and only percentages of it by group."""
    first, second, cell = f"{name}_a", f"{name}_b", f"{name}_t"
    total = table[:, 0].sum()
    ratio, _, _, p = wald(table)
    return [
        ("count", {"of": first}, str(table[0].sum())),
        ("count", {"of": second}, str(table[1].sum())),
        ("count", {"of": name}, str(table.sum())),
        ("count", {"of": cell}, str(total)),
        ("percent", {"part": f"{cell}.{first}", "whole": cell}, printed(100 * table[0, 0] / total, 0)),
        ("percent", {"part": f"{cell}.{second}", "whole": cell}, printed(100 * table[1, 0] / total, 0)),
        ("odds_ratio", {"table": cell, "model": "univariable"}, printed(ratio, 2)),
        ("p_value", {"of": f"{name}_6", "tests": "[Wald]"}, printed_p(p)),
    ]


def of_accuracy(name, table, random):
    """A paper that prints a table of test by reference, and what follows from it."""
    first, second, cell = f"{name}_a", f"{name}_b", f"{name}_t"
    (tp, fp), (fn, tn) = table
    shares = [tp / (tp + fn), tn / (tn + fp), tp / (tp + fp), tn / (tn + fn), (tp + tn) / table.sum()]
    return [
        ("count", {"of": first}, str(tp + fp)),
        ("count", {"of": second}, str(fn + tn)),
        ("count", {"of": name}, str(table.sum())),
        ("count", {"of": f"{cell}.{first}"}, str(tp)),
        ("count", {"of": f"{cell}.{second}"}, str(fn)),
        *(
            (kind, {"table": cell}, printed(100 * share, 1))
            for kind, share in zip(DIAGNOSTIC, shares, strict=True)
        ),
    ]


SEVERITY = ["reproduced", "not checkable", "rounding", "method", "denominator", "contradicted"]
KINDS = [of_counts, of_percentages, of_accuracy]


def write(path, papers):
    """papers: name -> list of (kind, keys, printed)."""
    lines = ["source: {citation: invented}", "groups:"]
    for name in papers:
        lines.append(f"  {name}: {{label: all, parts: [{name}_a, {name}_b]}}")
        lines += [f"  {name}_{side}: {{label: group {side}}}" for side in "ab"]
    lines.append("tables:")
    lines += [f"  {name}_t: {{label: feature, groups: [{name}_a, {name}_b]}}" for name in papers]
    lines.append("claims:")
    for name, numbers in papers.items():
        for i, (kind, keys, text) in enumerate(numbers):
            said = "".join(f", {key}: {value}" for key, value in keys.items())
            lines.append(f'  - {{id: {name}_{i}, kind: {kind}{said}, printed: "{text}", where: here}}')
    path.write_text("\n".join(lines), encoding="utf-8")


def batches(random):
    for start in range(0, TABLES, PER_FILE):
        names = [f"p{i}" for i in range(start, start + PER_FILE)]
        yield {
            name: KINDS[i % len(KINDS)](name, random_table(random), random) for i, name in enumerate(names)
        }


def changed(kind, text, random):
    """The printed number with one digit changed, to one that is possible but for its neighbours."""
    first = text.index(".") + 1 if kind == "p_value" else 0
    while True:
        place = random.choice([i for i, character in enumerate(text) if character.isdigit() and i >= first])
        digit = random.choice([d for d in "0123456789" if d != text[place]])
        other = text[:place] + digit + text[place + 1 :]
        lowest = 1 if kind == "count" else 0
        highest = {"p_value": 1, **dict.fromkeys(("percent", *DIAGNOSTIC), 100)}.get(kind, np.inf)
        whole = kind == "count" and place == 0 and digit == "0"
        if not whole and lowest <= float(other) <= highest:
            return other


def verdicts(path, papers):
    write(path, papers)
    return audit.verdicts(audit.findings(claims.read(path)))


def expected(papers):
    """What is right for each claim: counts that nothing adds up to are inputs, percentages may be too coarse."""
    right = {}
    for name, numbers in papers.items():
        for i, (kind, keys, _) in enumerate(numbers):
            if kind == "count" and keys["of"].startswith(f"{name}_t"):
                right[f"{name}_{i}"] = {"not checkable"}
            elif len(numbers) == 8 and kind in ("odds_ratio", "p_value"):
                right[f"{name}_{i}"] = {"reproduced", "rounding"}
            else:
                right[f"{name}_{i}"] = {"reproduced"}
    return right


def test_claims_of_random_tables_are_reproduced_and_changed_ones_are_not(tmp_path, capsys):
    random = np.random.default_rng(20240404)
    checked = altered = 0
    false_alarms, misses, found_by = [], [], Counter()
    for papers in batches(random):
        found = verdicts(tmp_path / "published.yaml", papers)
        right = expected(papers)
        checked += len(found)
        false_alarms += [(claim, verdict) for claim, verdict in found.items() if verdict not in right[claim]]
        for name, numbers in papers.items():
            # a bound that is less tight is not an error
            open_to_change = [i for i, (_, _, text) in enumerate(numbers) if not text.startswith("<")]
            i = int(random.choice(open_to_change))
            kind, keys, text = numbers[i]
            numbers[i] = (kind, keys, changed(kind, text, random))
        found = verdicts(tmp_path / "published.yaml", papers)
        for name, numbers in papers.items():
            altered += 1
            mine = {claim: verdict for claim, verdict in found.items() if claim.rpartition("_")[0] == name}
            worst = max(mine.values(), key=SEVERITY.index)
            found_by[worst] += 1
            if all(mine[claim] in right[claim] for claim in mine):
                misses.append(numbers)
    with capsys.disabled():
        print(f"\naudit: {checked} claims of {TABLES} tables, {len(false_alarms)} false alarms; "
              f"{altered} with a digit changed, {len(misses)} misses ({dict(found_by)})")  # fmt: skip
    assert (checked, altered) == (9350, TABLES)
    assert false_alarms == []
    assert misses == []
