"""
Writes extract.csv: an invented multicentre registry export with the counts of a published abstract.

    python data/gim14/generate.py

The same bytes each time. What is exact and what is planted is in README.md beside this file.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np

GROUPS = ("2+", "3+")
N = (302, 464)
# Patients with a metastasis at each site, IHC 2+ and 3+. The totals are printed, and each split prints the
# percentages that the abstract has; only the pleura's 47 % needs 19 of 40 to be cut instead of rounded. Where
# several splits print the same, the choice is ours: one whose univariable odds ratio is near the printed one.
SITES = {
    "cns": (22, 46), "nodes": (151, 179), "lung": (84, 98), "liver": (102, 125), "skin": (19, 49),
    "pleura": (19, 21),
}  # fmt: skip
DE_NOVO, NEO_TX, NEO_CHEMO, RADIOTHERAPY = (105, 171), (62, 98), (50, 80), (100, 150)
COVARIATE_SEED, TIME_SEED, EXPORT_SEED = 35, 12, 14

# Log hazard ratios with which times are drawn: of death in IHC 2+ and 3+, and of treatment failure.
TERMS = ("neo_tx", "neo_chemo", "radiotherapy", "cns", "nodes", "lung", "liver", "skin", "pleura")
DEATH = (
    (0, 0.3, 0.1, 0.1, 0.05, 0.05, 0.5, 0.05, 0.4),
    (0.05, 0.42, 0.2, 0.62, 0.05, 0.08, 0.42, 0.12, 0.35),
)
FAILURE_PLEURA = 0.5
# Patient i has the follow-up drawn for patient FOLLOW_UP[i], who has the same IHC. Pairs were exchanged, each
# exchange kept if it helped, until the fitted hazard ratios print as the abstract's and most others are noise
FOLLOW_UP = np.array(Path(__file__).with_name("follow_up.txt").read_text().split(), dtype=int)

STUDY_END = date(2024, 1, 1)
DAY_ZERO = date(2010, 1, 1)
MISSING = ("", "NA", "9999", "unknown", "-")
# Each centre writes in its own way: date format, yes, no, decimal mark.
CENTRES = {
    "Aviano": ("%Y-%m-%d", "1", "0", "."),
    "Genova": ("%d/%m/%Y", "yes", "no", ","),
    "Napoli": ("%d.%m.%Y", "si", "no", ","),
    "Torino": ("%d-%b-%Y", "Y", "N", "."),
    "Udine": ("%Y-%m-%d", "Yes", "No", "."),
}
COLUMNS = (
    "patient_id", "centre", "age_dx", "dx_date", "menopause", "grade", "ki67", "er", "pr", "her2_ihc",
    "her2_ish", "stage_iv_dx", "neo_therapy", "neo_chemo", "adj_radiotherapy", "mets_date", "mets_cns",
    "mets_nodes", "mets_lung", "mets_liver", "mets_bone", "mets_skin", "mets_pleura", "line1_start",
    "line1_end", "line1_failed", "last_contact", "vital_status",
)  # fmt: skip


def pick(rng, odds, k):
    """A flag for exactly k of the people with odds above 0; those with higher odds have it more often."""
    key = np.where(odds > 0, -np.log(1 - rng.random(len(odds))) / np.maximum(odds, 1e-9), np.inf)
    flag = np.zeros(len(odds), dtype=bool)
    flag[np.argsort(key, kind="stable")[:k]] = True
    return flag


def covariates(rng):
    """
    Flags of the 766 patients, IHC 2+ first. Sites and treatments go together a little: hazard ratios that
    shrink from the univariable to the multivariable model, as the printed ones do, need that.
    """
    groups = []
    for i in (0, 1):
        k, everyone = {site: split[i] for site, split in SITES.items()}, np.ones(N[i])
        cns = pick(rng, everyone, k["cns"])
        liver = pick(rng, 1 + 3 * cns, k["liver"])
        lung = pick(rng, 1 + 2.5 * liver + cns, k["lung"])
        nodes, skin = pick(rng, everyone, k["nodes"]), pick(rng, everyone, k["skin"])
        pleura = pick(rng, 1 + 1.0 * lung, k["pleura"])
        de_novo = pick(rng, 1 / (1 + 1.0 * liver + 2 * cns), DE_NOVO[i])
        neo_tx = pick(rng, ~de_novo * (1 + 3 * cns + 3.5 * liver), NEO_TX[i])
        neo_chemo = pick(rng, neo_tx * everyone, NEO_CHEMO[i])
        radiotherapy = pick(rng, ~de_novo * (1 + 1.0 * neo_tx + 1.6 * liver), RADIOTHERAPY[i])
        groups.append({
            "ihc": np.full(N[i], i), "cns": cns, "nodes": nodes, "lung": lung, "liver": liver, "skin": skin,
            "pleura": pleura, "de_novo": de_novo, "neo_tx": neo_tx, "neo_chemo": neo_chemo,
            "radiotherapy": radiotherapy,
        })  # fmt: skip
    return {name: np.concatenate([group[name] for group in groups]) for name in groups[0]}


def outcomes(rng, flags):
    """Days from DAY_ZERO to metastases, from there to first line and to death, from first line to failure."""
    three, n = flags["ihc"] == 1, len(flags["ihc"])
    metastatic = np.floor(rng.random(n) * 3900).astype(int)
    wait = np.floor(rng.random(n) * 35).astype(int)
    of_death, of_failure, of_loss = rng.random(n), rng.random(n), rng.random(n)
    log_hazard = sum(np.where(three, DEATH[1][i], DEATH[0][i]) * flags[term] for i, term in enumerate(TERMS))
    death = np.ceil((-np.log(of_death) / np.exp(log_hazard)) ** (1 / 1.25) * 1750).astype(int)
    lost = np.where(of_loss < 0.3, np.ceil(200 + rng.random(n) * 3600).astype(int), 10**6)
    follow_up = np.minimum((STUDY_END - DAY_ZERO).days - metastatic, lost)
    survived, dead = np.minimum(death, follow_up), death <= follow_up
    hazard = np.exp(FAILURE_PLEURA * flags["pleura"])
    failure = np.ceil((-np.log(of_failure) / hazard) ** (1 / 1.1) * 480).astype(int) + 1
    wait = np.where(survived > wait, wait, 0)
    treated = survived - wait
    days = {
        "metastatic": metastatic, "wait": wait, "survived": survived, "dead": dead,
        "treated": np.minimum(failure, treated), "failed": (failure <= treated) | dead,
    }  # fmt: skip
    return {name: values[FOLLOW_UP] for name, values in days.items()}


def person(rng, number, ihc, ish, flags, times):
    """One row as values; `write` gives it the habits of its centre. flags and times are of this person."""
    de_novo = flags["de_novo"]
    metastatic = DAY_ZERO + timedelta(days=int(times["metastatic"]))
    diagnosed = metastatic - timedelta(days=int(rng.integers(0, 60) if de_novo else rng.integers(200, 4000)))
    age = int(min(95, max(26, round(rng.random() * 25 + rng.random() * 25 + 32))))
    line1 = metastatic + timedelta(days=int(times["wait"]))
    return {
        "patient_id": f"GIM-{number:04d}",
        "centre": list(CENTRES)[int(rng.integers(0, len(CENTRES)))],
        "age_dx": age,
        "dx_date": diagnosed,
        "menopause": "post" if age + rng.integers(-4, 5) > 50 else "pre",
        "grade": f"G{1 + int(rng.random() < 0.95) + int(rng.random() < 0.6)}",
        "ki67": round(5 + rng.random() * rng.random() * 85, 1),
        "er": bool(rng.random() < (0.72 if ihc == "2+" else 0.58)),
        "pr": bool(rng.random() < (0.58 if ihc == "2+" else 0.44)),
        "her2_ihc": ihc,
        "her2_ish": ish,
        "stage_iv_dx": de_novo,
        "neo_therapy": flags["neo_tx"],
        "neo_chemo": flags["neo_chemo"],
        "adj_radiotherapy": flags["radiotherapy"],
        "mets_date": metastatic,
        **{f"mets_{site}": flags[site] for site in SITES},
        "mets_bone": bool(rng.random() < 0.5),
        "line1_start": line1,
        "line1_end": line1 + timedelta(days=int(times["treated"])),
        "line1_failed": times["failed"],
        "last_contact": metastatic + timedelta(days=int(times["survived"])),
        "vital_status": "dead" if times["dead"] else "alive",
    }


def cohort(rng):
    """The 766 patients of the cohort."""
    flags = covariates(np.random.Generator(np.random.PCG64(COVARIATE_SEED)))
    times = outcomes(np.random.Generator(np.random.PCG64(TIME_SEED)), flags)
    rows = []
    for i, group in enumerate(flags["ihc"]):
        ish = "amplified" if group == 0 or rng.random() < 0.15 else "not done"
        mine = [{name: values[i] for name, values in part.items()} for part in (flags, times)]
        row = person(rng, i, GROUPS[group], ish, *mine)
        for column, share in {"grade": 0.06, "ki67": 0.15, "menopause": 0.03, "pr": 0.02}.items():
            if rng.random() < share:
                row[column] = None
        rows.append(row)
    return rows


def others(rng, start):
    """Patients whom the inclusion criteria leave out, for one reason each."""
    kinds = [("0", "not done")] * 24 + [("1+", "not done")] * 38 + [("2+", "not amplified")] * 84
    kinds += [("2+", "not done")] * 23 + [(None, "not done")] * 9 + [("3+", "not done")] * 31
    rows = []
    for i, (ihc, ish) in enumerate(kinds):
        flags = {name: bool(rng.random() < 0.2) for name in (*SITES, "de_novo")}
        flags |= dict.fromkeys(("neo_tx", "neo_chemo", "radiotherapy"), False)
        metastatic = int(rng.integers(0, 3900))
        survived = int(rng.integers(60, (STUDY_END - DAY_ZERO).days - metastatic))
        dead = bool(rng.random() < 0.5)
        times = {"metastatic": metastatic, "wait": 10, "survived": survived, "dead": dead, "failed": True}
        times["treated"] = survived // 2
        row = person(rng, start + i, ihc, ish, flags, times)
        if ihc == "3+":  # never metastatic
            row |= dict.fromkeys(("mets_date", "line1_start", "line1_end", "line1_failed"), None)
            row |= {f"mets_{site}": False for site in (*SITES, "bone")} | {"stage_iv_dx": False}
        rows.append(row)
    return rows


def spelled(rng, column, value, centre):
    """A value as a centre writes it, now and then as nobody else does."""
    pattern, yes, no, mark = CENTRES[centre]
    if value is None:
        return MISSING[int(rng.integers(0, len(MISSING)))]
    if isinstance(value, date):
        return value.strftime(pattern)
    if isinstance(value, (bool, np.bool_)):
        return yes if value else no
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", mark)
    text = str(value)
    if column == "her2_ihc":
        text = (text, text, text, text.replace("+", " +"), text.replace("+", ""))[int(rng.integers(0, 5))]
    if column == "her2_ish":
        text = (
            text,
            text,
            text.upper(),
            {"amplified": "positive", "not amplified": "negative"}.get(text, text),
        )[int(rng.integers(0, 4))]
    return f" {text}" if rng.random() < 0.01 else text


def spoiled(rows):
    """Copies of rows, each with a mistake that must be refused; their ids are their own."""

    def row(i, number, **changes):
        return {**rows[i], "patient_id": f"GIM-{number}", **changes}

    follow_up = ("mets_date", "line1_start", "line1_end", "last_contact")
    return [
        row(3, 9001, dx_date="31/02/2012"),
        row(4, 9002, mets_date="2015-13-01"),
        row(5, 9003, age_dx="212"),
        row(6, 9004, age_dx="sixty"),
        row(7, 9005, her2_ihc="pos"),
        row(8, 9006, mets_liver="maybe"),
        row(9, 9007, dx_date="2008-01-01",
            **dict(zip(follow_up, ("2012-06-01", "2012-06-02", "2012-07-02", "2009-05-01"), strict=True))),
        row(10, 9008, dx_date="2016-01-01",
            **dict(zip(follow_up, ("2013-12-01", "2013-12-02", "2013-12-30", "2014-01-01"), strict=True))),
        row(11, 9009, dx_date="2010-01-01",
            **dict(zip(follow_up, ("2015-02-20", "2015-03-01", "2015-02-01", "2018-01-01"), strict=True))),
        {**rows[12], "patient_id": ""},
        row(13, 9010),
        row(13, 9010, vital_status="alive" if rows[13]["vital_status"] == "dead" else "dead"),
        row(14, 9011),
        row(14, 9011, her2_ihc="1+"),
    ]  # fmt: skip


def extract_text():
    """The extract as text."""
    rng = np.random.Generator(np.random.PCG64(EXPORT_SEED))
    rows = cohort(rng)
    rows += others(rng, len(rows))
    n_sound = len(rows)
    rows += spoiled(rows)
    lines = [[spelled(rng, column, row[column], row["centre"]) for column in COLUMNS] for row in rows]
    lines += [list(lines[int(i)]) for i in rng.permutation(n_sound)[:9]]  # rows exported twice
    order = rng.permutation(len(lines))
    return "\n".join(";".join(line) for line in [COLUMNS, *(lines[int(i)] for i in order)]) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("extract.csv").write_text(extract_text(), encoding="utf-8", newline="\n")
