"""Kinds of analysis, and one dispatcher a face."""
