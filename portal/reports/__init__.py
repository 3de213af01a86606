"""First screens and figures: what each person needs to see at a glance."""
