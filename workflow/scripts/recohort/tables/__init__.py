"""The tables of a study: built from its estimates and its cohort (build), written by csv, html and docx."""
