"""Entry by unit: who is put on the list of an exam, and under which findings."""
