"""The gate: twelve rules, decisions, notices, and the public answer."""
