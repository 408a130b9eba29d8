"""One gene of a matrix of genes by samples becomes a column of the samples, which no join can say."""


def prepare(frames):
    """
    Give each sample its ERBB2 copy-number call.

    Parameters
    ----------
    frames : dict of str to DataFrame
        samples (joined to their patients) and copies (a row per gene, a column per sample), as text.

    Returns
    -------
    DataFrame
        samples with the column `ERBB2`: -2, 0 or 2, "" for a sample that the matrix does not have.
    """
    samples, copies = frames["samples"], frames["copies"]
    erbb2 = copies.loc[copies["Hugo_Symbol"] == "ERBB2"].squeeze()
    return samples.assign(ERBB2=samples["SAMPLE_ID"].map(erbb2).fillna(""))
