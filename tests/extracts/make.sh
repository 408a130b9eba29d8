#!/bin/sh
# Makes the extracts of this folder by programs other than ours:
#   make.R    R with haven, foreign and openxlsx: csv, sav, dta, sas7bdat, xpt, xlsx
#   gzip      csv.gz
#   DuckDB    parquet (its Python module, anywhere on the path)
# The REDCap export is written by hand: redcap.csv, redcap_dictionary.csv.
set -eu
cd "$(dirname "$0")"
Rscript make.R
gzip --keep --force --no-name patients.csv
python3 -c "
import duckdb
duckdb.sql(\"copy (from 'patients.csv') to 'patients.parquet' (format parquet)\")
print('DuckDB', duckdb.__version__)
" >>versions.txt
gzip --version | head -n 1 >>versions.txt
