"""Registers beside the roster: reviewers of decisions (法制审核) and legal advisers from outside."""
