"""The protocol of a study: read, checked, and turned into values."""
