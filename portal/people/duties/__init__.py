"""Who may do what where, which duties exclude each other, and who stands in for whom."""
