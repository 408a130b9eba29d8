"""Proportions by group."""
