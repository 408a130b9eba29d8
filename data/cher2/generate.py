"""
Write two drops of a synthetic export of circulating tumour cell (CTC) counts: no row is a real patient.

The cohort that study.yaml selects from the newest has the counts below exactly; everything else is drawn.
Only `random`, `integers` and `permutation` of PCG64 are used, so the files are the same on every machine:
`python data/cher2/generate.py` rewrites them byte for byte.
"""

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

SEED = 3036  # the number of the published abstract
SITES = ["liver", "lung", "cns", "bone", "lymph_nodes", "skin_soft_tissue", "serosa"]
CTC = ["ctc_her2_0", "ctc_her2_1", "ctc_her2_2", "ctc_her2_3"]
COLUMNS = ["patient_id", "draw_date", "draw", "ctc_total", *CTC, *SITES]

# Patients by number of sites involved, 1 to 7. The abstract prints 29 of 77 and 16 of 21 with at most two;
# the spread within these is ours.
LOW_SITE_NUMBERS = [11, 18, 25, 15, 6, 1, 1]
HIGH_SITE_NUMBERS = [10, 6, 4, 1, 0, 0, 0]
# Patients with each site, in the order of SITES. The abstract prints none of these, only that liver, lung and
# lymph nodes are more frequent in the low group (p < 0.05) and that nothing else differs: chosen so that
# Fisher's test says the same. Each list adds up to the sites of the list above.
LOW_SITE_TOTALS = [44, 36, 10, 51, 52, 17, 15]
HIGH_SITE_TOTALS = [6, 4, 2, 13, 8, 3, 2]

LOW_WITHOUT_HER2 = 8  # no CTC with HER2: counted as low (see study.yaml); the number is ours
INDOLENT = 61  # fewer than 5 CTCs: about as many as pass, as is usual in metastatic breast cancer
ON_TREATMENT = 5  # drawn after the new line had begun
UNSTAINED = 3  # CTCs counted, HER2 not determined
UNASSESSED = 2  # one site not assessed, so the number of sites is unknown
WITHOUT_SITE = 2  # no metastatic site

# CTCs per 7.5 ml in patients with at least 5: shares and quantiles, linear in between.
CTC_QUANTILES = ([0.0, 0.25, 0.50, 0.75, 0.90, 0.97, 1.0], [5, 9, 19, 52, 140, 380, 900])
FIRST_DRAW, DAYS = date(2016, 1, 4), 1800  # 2016 to 2020
NEWEST, EARLIER = date(2021, 1, 15), date(2020, 9, 1)  # the drops
NEW_FORM = date(2018, 3, 1)  # the day on which the export form changed its dates and flags


def incidence(row_sums, column_sums, rng):
    """A 0/1 matrix with these margins: filled greedily (Gale-Ryser), then mixed by swaps that keep them."""
    matrix = np.zeros((len(row_sums), len(column_sums)), dtype=int)
    left = np.array(column_sums)
    for i in np.argsort(-np.array(row_sums), kind="stable"):
        chosen = np.argsort(-left, kind="stable")[: row_sums[i]]
        matrix[i, chosen] = 1
        left[chosen] -= 1
    assert not left.any(), "no matrix has these margins"
    for _ in range(20_000):
        a, b = rng.integers(len(row_sums), size=2)
        j, k = rng.integers(len(column_sums), size=2)
        if matrix[a, j] == matrix[b, k] == 1 and matrix[a, k] == matrix[b, j] == 0:
            matrix[a, [j, k]] = 0, 1
            matrix[b, [j, k]] = 1, 0
    return matrix


def group_sites(numbers, totals, rng):
    """Sites of one ratio group, one row a patient, in random order of the number of sites."""
    row_sums = np.repeat(np.arange(1, 8), numbers)
    return incidence(rng.permutation(row_sums), totals, rng)


def any_sites(rng):
    """Sites of a patient outside the cohort: bone, and each other one with probability 1/3."""
    return [int(site == "bone" or rng.random() < 1 / 3) for site in SITES]


def ctc_counts(group, rng):
    """CTCs by HER2 intensity (0, 1+, 2+, 3+) of a patient whose ratio is in this group: low, high or none."""
    total = int(np.interp(rng.random(), *CTC_QUANTILES))
    if group == "none":
        return [total, 0, 0, 0]
    her2 = int(rng.integers(1, total + 1))
    limit = 3 * her2 // 4  # the largest number of strong CTCs whose ratio is not above 0.75
    strong = int(rng.integers(0, limit + 1) if group == "low" else rng.integers(limit + 1, her2 + 1))
    brightest = int(rng.integers(0, strong + 1))
    return [total - her2, her2 - strong, strong - brightest, brightest]


def patient(counts, sites, draw="before new line"):
    """One patient as values; the text of the export comes later."""
    measured = dict(zip([*CTC, *SITES], [*counts, *map(int, sites)], strict=True))
    return {"draw": draw, "ctc_total": sum(counts), **measured}


def patients(rng):
    """Everyone, the cohort first: 77 low and 21 high, then those whom a step of the protocol excludes."""
    low = ["none"] * LOW_WITHOUT_HER2 + ["low"] * (sum(LOW_SITE_NUMBERS) - LOW_WITHOUT_HER2)
    high = ["high"] * sum(HIGH_SITE_NUMBERS)
    counts = [ctc_counts(group, rng) for group in low + high]
    counts[len(low) - 1] = [2, 1, 2, 1]  # on the threshold: 3 of 4 is 0.75, not above it
    low_sites = group_sites(LOW_SITE_NUMBERS, LOW_SITE_TOTALS, rng)
    high_sites = group_sites(HIGH_SITE_NUMBERS, HIGH_SITE_TOTALS, rng)
    everyone = list(map(patient, counts, [*low_sites, *high_sites]))
    for _ in range(INDOLENT):
        counts = np.bincount(rng.integers(4, size=rng.integers(5)), minlength=4).tolist()
        everyone.append(patient(counts, any_sites(rng)))
    for _ in range(ON_TREATMENT):
        everyone.append(patient(ctc_counts("low", rng), any_sites(rng), draw="on treatment"))
    for _ in range(UNSTAINED):
        counted = patient(ctc_counts("low", rng), any_sites(rng))
        everyone.append({**counted, **dict.fromkeys(CTC, "ND")})
    for _ in range(UNASSESSED):
        everyone.append({**patient(ctc_counts("low", rng), any_sites(rng)), "cns": "?"})
    for _ in range(WITHOUT_SITE):
        everyone.append(patient(ctc_counts("low", rng), [0] * len(SITES)))
    return everyone


def as_exported(person, number, day):
    """The text of one row: until 2018 American dates and Y/N, then ISO dates and yes/no."""
    old = day < NEW_FORM
    flags = {0: "N", 1: "Y"} if old else {0: "no", 1: "yes"}
    row = {key: flags.get(value, value) if key in SITES else str(value) for key, value in person.items()}
    written = day.strftime("%m/%d/%Y" if old else "%Y-%m-%d")
    return {"patient_id": f"MBC-{number:03d}", "draw_date": written, **row}


def with_mistakes(rows, rng):
    """The rows with what goes wrong in a real export; the cohort of the protocol stays as it was."""
    for i in rng.permutation(len(rows))[:9]:
        rows[i]["ctc_total"] += ".0"  # went through a spreadsheet
    for i in rng.permutation(len(rows))[:6]:
        rows[i]["draw"] = rows[i]["draw"].capitalize() + " "
    counts = dict(zip(["ctc_total", *CTC], ["12", "4", "3", "3", "2"], strict=True))
    template = {**rows[0], "draw": "before new line", **counts}
    refused = [
        dict(template, patient_id="MBC-901", ctc_total="1O"),  # the letter O
        dict(template, patient_id="MBC-902", ctc_her2_1="many"),
        dict(template, patient_id="MBC-903", ctc_total="21"),  # not the sum of the four counts
        dict(template, patient_id="MBC-904", draw_date="2081-03-05"),
        dict(template, patient_id="MBC-905", liver="7"),
        dict(template, patient_id="MBC-906"),  # MBC-906 twice, with different results
        dict(template, patient_id="MBC-906", ctc_total="13", ctc_her2_3="3"),
    ]
    repeated = [dict(rows[i]) for i in rng.permutation(len(rows))[:4]]
    return rows + refused + repeated


def exported():
    """The rows of the newest drop."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    everyone = patients(rng)
    days = np.sort(rng.integers(DAYS, size=len(everyone))).tolist()
    order = rng.permutation(len(everyone))
    rows = [
        as_exported(everyone[who], number, FIRST_DRAW + timedelta(days=day))
        for number, (who, day) in enumerate(zip(order, days, strict=True), start=1)
    ]
    return with_mistakes(rows, rng)


def drawn(row):
    """The day on which the blood of a row was drawn."""
    written = row["draw_date"]
    return datetime.strptime(written, "%m/%d/%Y" if "/" in written else "%Y-%m-%d").date()


def earlier(rows):
    """The rows as of the earlier drop: fewer patients, sites not assessed yet, some of them wrong."""
    rng = np.random.Generator(np.random.PCG64(SEED + 1))
    rows = [dict(row) for row in rows if drawn(row) < EARLIER]
    regular = [row for row in rows if row["patient_id"] < "MBC-900"]
    chosen = rng.permutation(len(regular)).tolist()
    for i in chosen[:6]:
        regular[i]["serosa"] = "?"
    for i in chosen[6:11]:
        regular[i]["bone"] = {"N": "Y", "Y": "N", "no": "yes", "yes": "no"}.get(regular[i]["bone"], "?")
    return rows


def csv_text(rows, headers):
    """Rows as CSV under these headers, in the order of COLUMNS."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([row[column] for column in COLUMNS] for row in rows)
    return text.getvalue()


def drops():
    """The text of each drop by its date; in the earlier one a column has an older name."""
    rows = exported()
    older = ["skin" if column == "skin_soft_tissue" else column for column in COLUMNS]
    return {EARLIER: csv_text(earlier(rows), older), NEWEST: csv_text(rows, COLUMNS)}


if __name__ == "__main__":
    for day, text in drops().items():
        path = Path(__file__).parent / "drops" / f"{day}.csv"
        path.write_text(text, encoding="utf-8", newline="\n")
