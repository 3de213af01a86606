"""What of the library the banks use: questions by topic, by field, and those that name a guide."""
