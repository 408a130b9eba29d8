"""
Write extract.csv, a synthetic multicentre registry export: no row is a real patient.

The cohort that study.yaml selects has the counts of the published abstract exactly, and Cox models fitted to
it give the hazard ratios of the abstract to two decimals because LOG_HAZARDS was solved for that: planted,
never reproduced. Nothing is drawn but `Random.random()`, the one sequence that Python promises to keep, and
only the standard library is used: `python data/gim14/generate.py` rewrites the file byte for byte.
"""

import csv
import io
import math
from datetime import date, timedelta
from pathlib import Path
from random import Random

# The first three are chosen among many: by them chance alone made no term significant that the abstract does
# not name.
COHORT_SEED, SURVIVAL_SEED, TREATMENT_SEED, OTHERS_SEED, RECORD_SEED = 4598, 83742, 140, 15, 16
SIZES = {"2+": 302, "3+": 464}

# Patients with each flag in IHC 2+ and in IHC 3+, and how the flags above change its log odds. The six sites
# from liver to pleura have the totals and splits of the abstract (README.md); the other counts are ours. The
# log odds bring the odds ratio of lymph nodes, adjusted for all sites, to 0.62, and confound the terms.
FLAGS = {
    "de_novo": (106, 162, {}),
    "er": (208, 260, {}),
    "grade_3": (138, 262, {"er": -0.8}),
    "neo_chemo": (30, 74, {"de_novo": -99}),
    "neo_tx": (16, 42, {"de_novo": -99, "neo_chemo": 2.5}),
    "radiotherapy": (76, 112, {"de_novo": -99, "neo_chemo": 0.4}),
    "liver": (103, 124, {"neo_chemo": 0.9, "radiotherapy": 0.3}),
    "cns": (22, 46, {"liver": 1.3, "neo_chemo": 1.2}),
    "lung": (84, 98, {"liver": 1.2}),
    "nodes": (151, 179, {"liver": -0.2, "lung": 0.2}),
    "skin": (19, 49, {"cns": 1.2}),
    "pleura": (19, 21, {"lung": 0.8}),
}
SITES = ["cns", "nodes", "lung", "liver", "skin", "pleura"]

# Log hazards of death by IHC and of treatment failure, added up over the entries whose flags a patient has.
# Solved with all draws held fixed, by least squares on the fitted log hazard ratios (Levenberg-Marquardt,
# then random steps of 0.001): 11 hazard ratios printed for overall survival, one for time to treatment
# failure, and a penalty on a term that is significant where the abstract does not name it.
LOG_HAZARDS = {
    "2+": {
        "": 0.107, "de_novo": 0.205, "neo_chemo": 0.271, "neo_tx": -0.3,
        "liver": 0.485, "cns": 0.261, "lung": -0.206, "pleura": 0.313,
    },
    "3+": {
        "neo_chemo": 0.275, "radiotherapy": 0.069,
        "liver": 0.369, "cns": 0.549, "cns liver": 0.101, "lung": 0.179, "nodes": -0.076, "pleura": 0.227,
    },
}  # fmt: skip
LOG_HAZARD_OF_FAILURE = {"pleura": 0.56}
DEATH_SHAPE, DEATH_SCALE_DAYS, FAILURE_SCALE_DAYS, LOSS_MEAN_DAYS = 1.15, 2470, 620, 25 * 365.25
SHARED_LUCK = 0.35  # of the patients have one draw for both death and treatment failure
FIRST_DIAGNOSIS, LAST_DIAGNOSIS, CUT_OFF = date(2004, 8, 1), date(2021, 10, 31), date(2022, 12, 31)

# How centres write: dates, words, what is missing, decimal mark.
CENTRES = {
    "C01": ("%Y-%m-%d", "coded", "", "."),
    "C02": ("%d/%m/%Y", "italian", "NA", ","),
    "C03": ("%d-%b-%Y", "english", "unknown", "."),
    "C04": ("%d.%m.%Y", "coded", "9999", ","),
    "C05": ("%d/%m/%Y", "english", "-", "."),
    "C06": ("%Y-%m-%d", "italian", "", ","),
    "C07": ("%d/%m/%Y", "coded", "NA", ","),
    "C08": ("%Y-%m-%d", "english", "", "."),
}
# Words for true and false, and for the HER2 score.
WORDS = {
    "coded": {"her2_ihc": {"0": "0", "1+": "1", "2+": "2", "3+": "3"}},
    "english": {
        "": ("yes", "no"), "er": ("positive", "negative"), "pr": ("positive", "negative"),
        "her2_ish": ("amplified", "not amplified"), "vital_status": ("dead", "alive"),
        "menopause": ("post", "pre"),
    },
    "italian": {
        "": ("si", "no"), "er": ("pos", "neg"), "pr": ("pos", "neg"),
        "her2_ish": ("amplificato", "non amplificato"), "vital_status": ("deceduta", "viva"),
        "menopause": ("postmenopausa", "premenopausa"),
        "her2_ihc": {"0": "0", "1+": "+", "2+": "++", "3+": "+++"},
    },
}  # fmt: skip
LINE_1 = ["l1_regimen", "l1_start", "l1_end", "l1_failure"]
METASTASES = ["met_date", *(f"met_{site}" for site in SITES), "met_bone"]
COLUMNS = [
    "patient_id", "centre", "age", "menopause", "stage_dx", "grade", "ki67", "er", "pr", "her2_ihc",
    "her2_ish", "dx_date", "neo_tx", "neo_chemo", "adj_rt", "metastatic", *METASTASES, *LINE_1,
    "vital_status", "last_contact", "death_date",
]  # fmt: skip

# Who is in the registry and not in the cohort: how many, and what is so about them.
OTHERS = [
    (38, {"not recorded": [*METASTASES, *LINE_1], "metastatic": False}),
    (9, {"ihc": None}),
    (47, {"ihc": "0"}),
    (71, {"ihc": "1+"}),
    (44, {"ihc": "2+", "ish": False}),
    (13, {"ihc": "2+", "ish": None}),
    (6, {"not recorded": ["met_cns", "met_lung"]}),
    (7, {"not recorded": LINE_1}),
]
# Cells that make a row unreadable or impossible, each in a row that is sound otherwise.
MISTAKES = [
    {"l1_start": "31/02/2015"}, {"met_date": "30-Feb-2012"}, {"dx_date": "2014-13-05"}, {"l1_end": "05/2016"},
    {"met_date": "circa 2010"}, {"l1_end": "31.04.2019"}, {"last_contact": "2109-03-01"},
    {"dx_date": "12/03/1014"}, {"age": "fifty-two"}, {"age": "7"}, {"age": "172"}, {"age": "0"},
    {"patient_id": ""}, {"patient_id": "NA"}, {"her2_ihc": "2+/3+"}, {"met_liver": "maybe"},
    {"vital_status": "lost"}, {"vital_status": "dead", "death_date": "2001-03-02"},
    {"vital_status": "dead", "death_date": "30/12/2001"}, {"last_contact": "20/07/2004", "death_date": ""},
    {"vital_status": "alive", "death_date": "2021-06-14"}, {"last_contact": "2004-07-09", "l1_end": ""},
    {"dx_date": "2022-09-01"}, {"l1_start": "30-Nov-2003"}, {"l1_end": "02.10.2003"},
]  # fmt: skip
# What a second row says otherwise of the same patient.
CONFLICTS = [{"her2_ihc": "1+"}, {"age": "91"}, {"met_bone": "unknown"}, {"grade": ""}]


def mixed(rng, items):
    """The items in random order."""
    return sorted(items, key=lambda _: rng.random())


def assign(rng, patients, flag, count, log_odds):
    """Give the flag to exactly `count` patients, the likelier by their log odds."""
    scores = []
    for patient in patients:
        u = rng.random()
        shift = math.fsum(w for other, w in log_odds.items() if patient[other])
        scores.append(shift + math.log(u / (1 - u)))
    least = sorted(scores)[-count]
    for patient, score in zip(patients, scores, strict=True):
        patient[flag] = score >= least


def cohort():
    """The 766 patients: HER2 score, flags, age, and which columns are not recorded."""
    rng = Random(COHORT_SEED)
    patients = []
    for group, (ihc, size) in enumerate(SIZES.items()):
        members = [{"ihc": ihc} for _ in range(size)]
        for flag, (*counts, log_odds) in FLAGS.items():
            assign(rng, members, flag, counts[group], log_odds)
        patients += members
    for patient in patients:
        deviate = math.sqrt(2) * (math.fsum(rng.random() for _ in range(6)) - 3)
        patient["age"] = min(max(round(57 + 12 * deviate), 27), 88)
    for patient in patients:
        rates = {"er": 0.015, "grade": 0.05, "stage_dx": 0.01}
        patient["not recorded"] = [column for column, rate in rates.items() if rng.random() < rate]
    return patients


def others():
    """Patients outside the cohort; the last ones are sound, for the mistakes and conflicts."""
    rng = Random(OTHERS_SEED)
    patients = []
    for count, what in [*OTHERS, (len(MISTAKES) + len(CONFLICTS), {})]:
        for _ in range(count):
            flags = {flag: rng.random() < 0.25 for flag in FLAGS}
            age = 35 + int(rng.random() * 45)
            patients.append({"ihc": "3+", **flags, "age": age, "not recorded": [], **what})
    return patients


def days(u, log_hazard, shape, scale_days):
    """The day, counted from 1, on which a Weibull time with this log hazard ends."""
    return math.floor(scale_days * (-math.log(u) / math.exp(log_hazard)) ** (1 / shape)) + 1


def log_hazard(patient, table):
    """Sum of the entries whose flags the patient has, all of them."""
    return math.fsum(value for flags, value in table.items() if all(patient[flag] for flag in flags.split()))


def follow(patients, survival_seed, treatment_seed):
    """Add when metastases were diagnosed and when life, follow-up and first-line treatment ended."""
    rng = Random(survival_seed)
    diagnosed, lost, died = [[rng.random() for _ in patients] for _ in range(3)]
    rng = Random(treatment_seed)
    luck, failed, delayed = [[rng.random() for _ in patients] for _ in range(3)]
    window = (LAST_DIAGNOSIS - FIRST_DIAGNOSIS).days + 1
    for i, patient in enumerate(patients):
        mets = FIRST_DIAGNOSIS + timedelta(math.floor(diagnosed[i] * window))
        of_death = log_hazard(patient, LOG_HAZARDS.get(patient["ihc"], {}))
        death = days(died[i], of_death, DEATH_SHAPE, DEATH_SCALE_DAYS)
        observed = min((CUT_OFF - mets).days, days(lost[i], 0, 1, LOSS_MEAN_DAYS))
        dead, last = death <= observed, min(death, observed)
        delay = min(math.floor(3 + 40 * delayed[i]), last - 1)
        of_failure = log_hazard(patient, LOG_HAZARD_OF_FAILURE)
        u = died[i] if luck[i] < SHARED_LUCK else failed[i]
        failure = delay + days(u, of_failure, 1, FAILURE_SCALE_DAYS)
        patient |= {
            "mets": mets, "last": mets + timedelta(last), "dead": dead, "start": mets + timedelta(delay),
            "end": mets + timedelta(min(failure, last)), "failed": dead or failure <= last,
        }  # fmt: skip


def record(patient, rng):
    """The patient as the registry holds it, a value for each column; None is not recorded."""
    de_novo, mets, er = patient["de_novo"], patient["mets"], patient["er"]
    ish, stage, since, menopause, pertuzumab, backbone = (rng.random() for _ in range(6))
    grade_1, ki67, pr, bone, centre = (rng.random() for _ in range(5))
    treatment = "TH" if backbone < 0.7 else "HET" if backbone < 0.85 else "OTHER"
    values = {
        "centre": list(CENTRES)[int(len(CENTRES) * centre)],
        "age": patient["age"],
        "menopause": patient["age"] + 6 * menopause > 53,
        "stage_dx": "IV" if de_novo else ["I", "II", "II", "III"][int(4 * stage)],
        "grade": 3 if patient["grade_3"] else 1 if grade_1 < 0.15 else 2,
        "ki67": 5 + 80 * (ki67 / 0.9) ** 1.5 if ki67 < 0.9 else None,
        "er": er,
        "pr": pr < (0.75 if er else 0.04),
        "her2_ihc": patient["ihc"],
        "her2_ish": patient.get("ish", True if patient["ihc"] == "2+" or ish < 0.1 else None),
        "dx_date": mets - timedelta(int(40 * since) if de_novo else 200 - int(1300 * math.log(since))),
        "neo_tx": patient["neo_tx"],
        "neo_chemo": patient["neo_chemo"],
        "adj_rt": patient["radiotherapy"],
        "metastatic": patient.get("metastatic", True),
        "met_date": mets,
        **{f"met_{site}": patient[site] for site in SITES},
        "met_bone": bone < 0.5,
        "l1_regimen": "THP" if mets.year >= 2014 and pertuzumab < 0.7 else treatment,
        "l1_start": patient["start"],
        "l1_end": patient["end"],
        "l1_failure": patient["failed"],
        "vital_status": patient["dead"],
        "last_contact": patient["last"],
        "death_date": patient["last"] if patient["dead"] else None,
    }
    return values | dict.fromkeys(patient["not recorded"])


def written(values):
    """The row as its centre writes it."""
    dates, language, missing, decimal = CENTRES[values["centre"]]
    words = WORDS[language]

    def text(column, value):
        if value is None:  # nobody writes a code for a death that did not happen
            return "" if column == "death_date" else missing
        if isinstance(value, date):
            return value.strftime(dates)
        if isinstance(value, bool):
            yes, no = words.get(column, words.get("", ("1", "0")))
            return yes if value else no
        if isinstance(value, float):
            return f"{value:.1f}".replace(".", decimal)
        return words.get(column, {}).get(value, value)

    return {column: str(text(column, value)) for column, value in values.items()}


def with_mistakes(rows, rng):
    """The rows with what goes wrong in a real export; the cohort of the protocol stays as it was."""
    spare = len(MISTAKES) + len(CONFLICTS)
    sound, to_refuse, to_contradict = rows[:-spare], rows[-spare : -len(CONFLICTS)], rows[-len(CONFLICTS) :]
    shown = mixed(rng, sound)
    for row in shown[:70]:
        column = COLUMNS[int(len(COLUMNS) * rng.random())]
        row[column] = f"  {row[column]}" if rng.random() < 0.5 else f"{row[column]} "
    for row in shown[60:100]:
        row["met_bone"] = row["met_bone"].upper()
    for row, ki67 in zip(shown[100:], ["n.r.", "265", "< 5", "20-30", "30%", "2,5.0"], strict=False):
        row["ki67"] = ki67
    copies = [dict(row) for row in shown[50:68]]
    for row in copies[:5]:
        row["l1_regimen"] += " "  # another spelling of the same contents is still a duplicate
    refused = [row | mistake for row, mistake in zip(to_refuse, MISTAKES, strict=True)]
    second = [row | conflict for row, conflict in zip(to_contradict, CONFLICTS, strict=True)]
    everyone = sound + copies + refused + to_contradict + second
    return sorted(everyone, key=lambda row: row["patient_id"].strip())


def extract_text():
    """extract.csv as text."""
    inside, outside = cohort(), others()
    follow(inside, SURVIVAL_SEED, TREATMENT_SEED)
    follow(outside, SURVIVAL_SEED + 1, TREATMENT_SEED + 1)
    rng = Random(RECORD_SEED)
    patients = inside + outside
    numbers = mixed(rng, range(1, len(patients) + 1))
    rows = [
        {"patient_id": f"GIM-{number:04d}", **written(record(patient, rng))}
        for number, patient in zip(numbers, patients, strict=True)
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(with_mistakes(rows, rng))
    return text.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("extract.csv").write_text(extract_text(), encoding="utf-8", newline="\n")
