"""Figures, not tests: CPU per act beside a bare floor in the same run."""
