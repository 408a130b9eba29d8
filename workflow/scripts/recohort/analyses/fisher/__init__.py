"""Fisher's exact tests."""
