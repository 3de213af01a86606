"""Making an exam: its rules and blueprint, assembling its forms, review and publication of its results."""
