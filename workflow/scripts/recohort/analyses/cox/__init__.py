"""Cox models."""
