"""Several forms of a patient become one row, which no join of the protocol can say."""

import re

import pandas as pd

FORMS = ["patients", "follow_up_1", "follow_up_2", "follow_up_4"]
PATIENT = "bcr_patient_barcode"
# the largest mean per cell in the files is 21, the smallest sum over cells 42
LARGEST_MEAN = 30


def prepare(frames):
    """
    Give each patient the latest follow-up of all forms, the cells of a HER2 sum and the side of the tumour.

    Parameters
    ----------
    frames : dict of str to DataFrame
        The patient form (a row per patient) and three follow-up forms (a row per visit), as text.

    Returns
    -------
    DataFrame
        The patient form with the columns `latest_vital_status`, `latest_contact_days`, `latest_death_days`,
        `followup_days`, `her2_summed_cells` and `side`.

    Raises
    ------
    ValueError
        If a follow-up form has a patient who is not in the patient form.
    """
    patients = frames["patients"]
    return patients.assign(
        **latest(pd.concat([frames[form] for form in FORMS], ignore_index=True), patients[PATIENT].tolist()),
        her2_summed_cells=summed_cells(patients["her2_copy_number"], patients["her2_and_cent17_cells_count"]),
        side=patients["anatomic_neoplasm_subdivision"].map(side),
    )


def latest(visits, patients):
    """
    Merge the forms of each patient.

    Dead in one form is dead; two days of death stay in one cell, joined by `|`, which no number is.
    """
    strangers = sorted(set(visits[PATIENT]) - set(patients))
    if strangers:
        raise ValueError(f"{strangers[0]} is in a follow-up form and not in the patient form")
    is_dead = visits["vital_status"].map({"Alive": 0, "Dead": 1}).groupby(visits[PATIENT]).max()[patients]
    contact = _days(visits["last_contact_days_to"]).groupby(visits[PATIENT]).max()[patients]
    death = _days(visits["death_days_to"]).dropna().groupby(visits[PATIENT]).unique().reindex(patients)
    death = death.map(lambda days: "|".join(f"{day:.0f}" for day in days), na_action="ignore")
    return {
        "latest_vital_status": is_dead.map({0: "Alive", 1: "Dead"}).to_numpy(),
        "latest_contact_days": contact.to_numpy(),
        "latest_death_days": death.to_numpy(),
        "followup_days": death.where(is_dead == 1, contact).to_numpy(),
    }


def summed_cells(copies, cells):
    """Over how many cells HER2 copies were summed: 1 where they are a mean per cell."""
    return cells.where(pd.to_numeric(copies, errors="coerce") > LARGEST_MEAN, "1")


def side(subdivisions):
    """Left or Right, of quadrants joined by `|`; both joined likewise, which no level is."""
    return "|".join(sorted(set(re.findall("Left|Right", subdivisions))))


def _days(texts):
    return pd.to_numeric(texts, errors="coerce")
