"""A run as a whole: its lock, its provenance, its verification."""
