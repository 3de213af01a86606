"""Finding questions: what lists are drawn from, search, look-alikes, and acts on many at once."""
