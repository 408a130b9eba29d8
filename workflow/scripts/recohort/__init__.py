"""Retrospective cohort statistics: from a registry extract to a results section that a reviewer can check."""
