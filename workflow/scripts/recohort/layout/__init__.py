"""Tables as CSV, HTML and DOCX, sheets and forests for figures, words and templates."""
