"""Columns of text: each distinct text once, and of every row which of them it has."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute


class Texts(NamedTuple):
    """
    A column of text.

    distinct : pyarrow.LargeStringArray, shape (n_distinct,), in the order in which they occur.
    codes : ndarray of int, shape (n,), the place of each row's text in `distinct`; of the smallest type.
    """

    distinct: pa.LargeStringArray
    codes: np.ndarray

    def at(self, positions: Any) -> np.ndarray:
        """The texts of some rows, as an array of str (object)."""
        texts: np.ndarray = self.distinct.take(pa.array(self.codes[positions])).to_numpy(zero_copy_only=False)
        return texts


def encode(texts: list[str]) -> Texts:
    """A list of str as Texts."""
    return of_array(pa.array(texts, pa.large_string()).dictionary_encode())


def concatenate(parts: list[Texts]) -> Texts:
    """
    The rows of several Texts below each other.

    Parameters
    ----------
    parts : list of Texts
        At least one.

    Returns
    -------
    Texts
    """
    distinct = of_array(pa.concat_arrays([part.distinct for part in parts]).dictionary_encode())
    codes = np.empty(sum(len(part.codes) for part in parts), distinct.codes.dtype)
    row = entry = 0
    for part in parts:
        of_part = distinct.codes[entry : entry + len(part.distinct)]
        codes[row : row + len(part.codes)] = of_part[part.codes]
        row, entry = row + len(part.codes), entry + len(part.distinct)
    return Texts(distinct.distinct, codes)


def strip(texts: Texts) -> tuple[Texts, np.ndarray]:
    """
    Take white space away from both ends, as str.strip does.

    Parameters
    ----------
    texts : Texts

    Returns
    -------
    stripped : Texts
    padded : ndarray of int
        The places in `text_column.Texts.distinct` of those that had some.
    """
    is_padded = _is_padded(texts.distinct)
    # the ends of millions of texts have taken as much as the texts
    pa.default_memory_pool().release_unused()
    if not is_padded.any():
        return texts, np.empty(0, int)
    shorter = [text.strip() for text in texts.distinct.filter(pa.array(is_padded)).to_pylist()]
    shorter = compute.replace_with_mask(texts.distinct, is_padded, pa.array(shorter, pa.large_string()))
    stripped = of_array(shorter.dictionary_encode())
    return Texts(stripped.distinct, stripped.codes[texts.codes]), np.flatnonzero(is_padded)


def is_in(texts: Texts, some: Iterable[str]) -> np.ndarray:
    """Whether each row has one of some texts, shape (n,)."""
    found: np.ndarray = _is_in(texts.distinct, list(some))[texts.codes]
    return found


def ranks(texts: Texts) -> np.ndarray:
    """The place of each row's text in their order, shape (n,)."""
    places = np.empty(len(texts.distinct), int)
    places[compute.array_sort_indices(texts.distinct)] = np.arange(len(places))
    ranks_of_rows: np.ndarray = places[texts.codes]
    return ranks_of_rows


def series(texts: Texts) -> pd.Series:
    """Texts as a column of a frame, whose cells are read as str."""
    array = pa.DictionaryArray.from_arrays(pa.array(texts.codes), texts.distinct)
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([array])))


def of(column: pd.Series) -> Texts:
    """
    A column of a frame as Texts.

    Parameters
    ----------
    column : Series
        From `series`, or of str.

    Returns
    -------
    Texts
        Of a column from `series` whose rows were chosen since, `distinct` may have more than occur.
    """
    if not _is_encoded(column.dtype):
        return encode(column.to_numpy(object))
    array = pa.chunked_array(column.array.__arrow_array__())
    # combining copies even a single chunk
    return of_array(array.chunk(0) if array.num_chunks == 1 else array.combine_chunks())


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with its encoded columns as ordinary ones of str, for who works on the texts themselves."""
    encoded = [name for name, dtype in frame.dtypes.items() if _is_encoded(dtype)]
    return frame.astype(dict.fromkeys(encoded, object))


def of_array(array: Any) -> Texts:
    """A dictionary array of Arrow, of large strings, as Texts."""
    smallest = np.min_scalar_type(-max(len(array.dictionary), 1))
    return Texts(array.dictionary, array.indices.cast(pa.from_numpy_dtype(smallest)).to_numpy())


def _is_padded(array: Any) -> np.ndarray:
    """Whether each text begins or ends with white space; many texts have few characters at their ends."""
    is_padded = np.zeros(len(array), dtype=bool)
    for start, stop in ((0, 1), (-1, None)):
        ends = compute.utf8_slice_codeunits(array, start, stop)
        is_padded |= _is_in(ends, [end for end in ends.unique().to_pylist() if end.isspace()])
    return is_padded


def _is_in(array: Any, some: list[str]) -> np.ndarray:
    found = compute.is_in(array, pa.array(some, pa.large_string()))
    is_among: np.ndarray = found.to_numpy(zero_copy_only=False)
    return is_among


def _is_encoded(dtype: Any) -> bool:
    return isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype)
