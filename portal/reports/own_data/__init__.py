"""Everything the portal keeps about one person, for himself."""
