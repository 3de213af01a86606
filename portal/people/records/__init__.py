"""One person's file: facts, their history, corrections, and what he may see of it himself."""
