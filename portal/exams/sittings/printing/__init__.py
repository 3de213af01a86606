"""What is printed for a sitting: rosters, door lists, labels, admission slips."""
