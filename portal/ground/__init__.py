"""What every room stands on: database, settings, clock, refusals, rules, keys, files."""
