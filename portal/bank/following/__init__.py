"""What becomes of a question: where it is used, who saw it, how it was answered, what a new law does to it."""
