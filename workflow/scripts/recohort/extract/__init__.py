"""Files to text with row numbers: one reader a format; joins, REDCap, ADaM, size limits."""
