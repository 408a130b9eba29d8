"""Logistic models."""
