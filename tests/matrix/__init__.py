"""Who may open what: every door, every role, things near and far."""
