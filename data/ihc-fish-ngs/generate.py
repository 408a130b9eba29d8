"""
Write extract.csv, a synthetic laboratory export of HER2 tests: no row is a real specimen.

The cohort that study.yaml selects has the counts below exactly; everything else is drawn. Only `random`,
`integers` and `permutation` of PCG64 are used, so the file is the same on every machine:
`python data/ihc-fish-ngs/generate.py` rewrites it byte for byte.
"""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np

SEED = 4884  # the number of specimens published
FISH = ["fish_ratio", "her2_per_nucleus", "cep17_per_nucleus"]
COLUMNS = ["accession", "collected", "tumour", "her2_ihc", *FISH, "ngs_log2"]

# Specimens by IHC score and ISH group 1 to 5. Published: 1,059 with 0 or 1+, 3,563 with 2+, 4,884 in all;
# FISH positive 1.5, 6.9, 20.4, 20.9, 44.4, 91.4 %. Counts that print so: 6/405, 45/654, 23/113, 745/3563,
# 4/9, 128/140. 405 + 654 is one choice of many. The other 262 split in two ways only (28/137, 4/9,
# 106/116 is the other) if 2-3+ focal is not to differ from 2+ and 1-2+ focal, as published. The spread
# over the groups is ours. Positive: group 1, group 3 and, with IHC 3+ only, groups 2 and 4. There is no
# group 3 with 0 and 1+, where the guideline (negative) and the paper's summary of it (positive) part.
GROUPS = {
    "0": [6, 3, 0, 8, 388],
    "1+": [45, 7, 0, 24, 578],
    "1-2+ focal": [21, 2, 2, 7, 81],
    "2+": [703, 57, 42, 249, 2512],
    "2-3+ focal": [4, 0, 0, 1, 4],
    "3+": [121, 1, 3, 3, 12],
}
# Sequenced. Published: 3 amplified, all FISH positive, one 1+ and two 3+; 54 not amplified, all FISH
# negative, 0 to 2+. How these 54 spread over the scores is ours.
AMPLIFIED = {"1+": 1, "3+": 2}
NOT_AMPLIFIED = {"0": 9, "1+": 15, "2+": 30}
INDEX_SIGNALS = [504, 126]  # HER2 and CEP17 of the published 1+ specimen: 8.4 and 2.1 a nucleus, ratio 4.0

NO_FISH, RATIO_ONLY = 412, 25  # not tested, or reported without copy numbers
NO_SCORE = 17  # IHC not done or without its score
OTHER_TUMOURS = {"gastric adenocarcinoma": 96, "endometrial carcinoma": 27, "colorectal adenocarcinoma": 8}
TOO_EARLY, TOO_LATE = 12, 38  # collected outside the period of the study

NUCLEI = 60
SHARES = [0.0, 0.25, 0.5, 0.75, 1.0]
# Quantiles at SHARES, linear in between, of CEP17 copies a nucleus and of the ratio, by ISH group; a draw
# that falls outside its group is drawn again.
QUANTILES = {
    1: ([1.3, 1.7, 1.95, 2.4, 4.0], [2.0, 2.3, 2.8, 4.2, 9.0]),
    2: ([1.0, 1.3, 1.5, 1.7, 1.95], [2.0, 2.05, 2.15, 2.3, 2.8]),
    3: ([3.3, 3.8, 4.2, 5.0, 6.5], [1.1, 1.5, 1.7, 1.85, 1.99]),
    4: ([2.1, 2.7, 3.1, 3.7, 4.6], [0.9, 1.2, 1.4, 1.65, 1.99]),
    5: ([1.2, 1.6, 1.85, 2.1, 2.9], [0.8, 1.05, 1.15, 1.3, 1.95]),
}
STRONG_RATIOS = [2.3, 3.8, 5.5, 7.5, 12.0]  # of group 1 with IHC 3+
LOG2_AMPLIFIED, LOG2_NOT = [1.4, 1.8, 2.2, 2.7, 3.5], [-0.6, -0.15, 0.0, 0.2, 0.9]

FIRST_DAY, LAST_DAY = date(2010, 1, 1), date(2022, 4, 30)
BEFORE, AFTER = (date(2009, 6, 1), date(2009, 12, 31)), (date(2022, 5, 1), date(2022, 7, 31))
FIRST_NGS_DAY = date(2021, 1, 4)  # sequencing reports HER2 since the last year of the study
NEW_SYSTEM = date(2016, 7, 1)  # ISO dates and decimal points from then on

# How the laboratory wrote a score; the first is the usual way.
WRITTEN = {
    "0": ["0", "Negative (0)"],
    "1+": ["1+", "1 +", "Negative (1+)"],
    "1-2+ focal": ["1-2+ focal", "1–2+ focal"],
    "2+": ["2+", "2 +", "Equivocal (2+)"],
    "2-3+ focal": ["2-3+ focal", "2–3+ focal"],
    "3+": ["3+", "3 +", "Positive (3+)"],
}


def ish_group(ratio, copies):
    """The ISH group of the 2018 guideline, from the values as printed."""
    if ratio >= 2:
        return 1 if copies >= 4 else 2
    return 5 if copies < 4 else 4 if copies < 6 else 3


def fish_texts(her2, cep17):
    """Ratio, HER2 and CEP17 copies a nucleus as printed, from the signals counted in 60 nuclei."""
    return [f"{her2 / cep17:.2f}", f"{her2 / NUCLEI:.2f}", f"{cep17 / NUCLEI:.2f}"]


def fish_of(group, ihc, rng):
    """FISH as printed of a specimen of this group, with consistent ratio and copy numbers."""
    cep17_copies, ratios = QUANTILES[group]
    if (group, ihc) == (1, "3+"):
        ratios = STRONG_RATIOS
    while True:
        cep17 = round(NUCLEI * np.interp(rng.random(), SHARES, cep17_copies))
        her2 = round(cep17 * np.interp(rng.random(), SHARES, ratios))
        texts = fish_texts(her2, cep17)
        if ish_group(float(texts[0]), float(texts[1])) == group:
            return texts


def day_between(first, last, rng):
    """A random day, both ends included."""
    return first + timedelta(days=int(rng.integers((last - first).days + 1)))


def specimen(ihc, fish, rng, tumour="breast carcinoma", first=FIRST_DAY, last=LAST_DAY):
    """One specimen, not sequenced; `fish` holds the three texts of FISH."""
    written = WRITTEN[ihc][0 if rng.random() < 0.9 else rng.integers(len(WRITTEN[ihc]))]
    row = {"day": day_between(first, last, rng), "tumour": tumour, "her2_ihc": written, "ngs_log2": ""}
    return {**row, **dict(zip(FISH, fish, strict=True))}


def sequence(rows, log2_quantiles, rng):
    """Give specimens a log2 ratio, and a day on which sequencing was available."""
    for row in rows:
        row["ngs_log2"] = f"{np.interp(rng.random(), SHARES, log2_quantiles):.2f}"
        row["day"] = day_between(FIRST_NGS_DAY, LAST_DAY, rng)


def cohort(rng):
    """The 4,884 specimens that the protocol keeps."""
    rows = {}  # by IHC and ISH group
    for ihc, counts in GROUPS.items():
        for group, n in enumerate(counts, start=1):
            rows[ihc, group] = [specimen(ihc, fish_of(group, ihc, rng), rng) for _ in range(n)]
    rows["1+", 1][0].update(zip(FISH, fish_texts(*INDEX_SIGNALS), strict=True))
    for ihc, n in AMPLIFIED.items():
        sequence(rows[ihc, 1][:n], LOG2_AMPLIFIED, rng)
    for ihc, n in NOT_AMPLIFIED.items():
        sequence((rows[ihc, 4][:2] + rows[ihc, 5])[:n], LOG2_NOT, rng)
    return [row for group in rows.values() for row in group]


def excluded(rng):
    """Specimens that a named step of the protocol leaves out."""
    rows = []
    for _ in range(NO_FISH):
        ihc = ["0", "1+", "3+"][rng.integers(3)]
        reason = ["QNS", "not done", ""][rng.integers(3)]
        rows.append(specimen(ihc, [reason] * 3, rng))
    for _ in range(RATIO_ONLY):
        ratio = fish_of(5, "2+", rng)[0]
        rows.append(specimen("2+", [ratio, "", ""], rng))
    for _ in range(NO_SCORE):
        reason = ["Negative", "not done"][rng.integers(2)]
        rows.append({**specimen("0", fish_of(5, "0", rng), rng), "her2_ihc": reason})
    for tumour, n in OTHER_TUMOURS.items():
        rows += [specimen("2+", fish_of(5, "2+", rng), rng, tumour=tumour) for _ in range(n)]
    for (first, last), n in [(BEFORE, TOO_EARLY), (AFTER, TOO_LATE)]:
        rows += [specimen("2+", fish_of(5, "2+", rng), rng, first=first, last=last) for _ in range(n)]
    sequence(rows[:4], LOG2_NOT, rng)  # sequenced without FISH
    return rows


def as_exported(rows):
    """Rows by day with accession numbers; the old system had its own way with dates and decimals."""
    exported = []
    for number, row in enumerate(sorted(rows, key=lambda row: row["day"]), start=1):
        day = row.pop("day")
        row.update(accession=f"S{day:%y}-{number:05d}", collected=f"{day:%Y-%m-%d}")
        if day < NEW_SYSTEM:
            row["collected"] = f"{day:%d.%m.%Y}"
            row.update({column: row[column].replace(".", ",") for column in FISH})
        exported.append(row)
    return exported


def with_mistakes(rows, rng):
    """The rows with what goes wrong in a real export; the cohort of the protocol stays as it was."""
    template = {"collected": "2019-05-14", "tumour": "breast carcinoma", "her2_ihc": "2+"}
    template.update(zip(FISH, ["1.16", "2.20", "1.90"], strict=True))
    refused = [
        {"accession": "S19-90001", "collected": "2109-05-14"},
        {"accession": "S19-90002", "collected": "14.15.2019"},
        {"accession": "S19-90003", "her2_ihc": "4+"},
        {"accession": "S19-90004", "fish_ratio": "116"},  # the decimal mark is lost
        {"accession": "S19-90005", "fish_ratio": "see comment"},
        {"accession": "S19-90006", "fish_ratio": "2.20", "her2_per_nucleus": "1.16"},  # swapped
        {"accession": "S19-90007", "tumour": "breast carcinom"},
        {"accession": "S19-90008"},  # these two have each two rows that disagree
        {"accession": "S19-90008", "her2_ihc": "1+"},
        {"accession": "S19-90009"},
        {"accession": "S19-90009", "collected": "2019-05-15"},
    ]
    repeated = [rows[i] for i in rng.permutation(len(rows))[:14]]
    return rows + [{**template, **row} for row in refused] + repeated


def extract_text():
    """extract.csv as text."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    rows = with_mistakes(as_exported(cohort(rng) + excluded(rng)), rng)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("extract.csv").write_text(extract_text(), encoding="utf-8", newline="\n")
