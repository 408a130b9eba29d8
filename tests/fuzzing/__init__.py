"""What tests/fuzz.py damages, how, and what must hold of the outcome."""
