"""The file has no identifier: a patient is known by her line in it."""


def prepare(frames):
    """
    Number the patients.

    Parameters
    ----------
    frames : dict of str to DataFrame
        patients: the file as text, with its line numbers in `row`.

    Returns
    -------
    DataFrame
        The same with the column `id`: GBSG2-001 for the first row.
    """
    patients = frames["patients"]
    first = patients["row"].min()
    return patients.assign(id=[f"GBSG2-{row - first + 1:03d}" for row in patients["row"]])
