"""Safe Exam Browser: the settings file of an exam, its keys, and what a request must show. It proves configuration."""
