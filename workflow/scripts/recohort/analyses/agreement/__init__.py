"""A test against a reference."""
