"""The figures of a study (build), each kind in its own module, saved by style."""
