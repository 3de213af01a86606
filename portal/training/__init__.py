"""Courses people take and the ledger of their hours."""
