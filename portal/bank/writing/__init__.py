"""Writing and reviewing questions: drafts, comments, pictures."""
