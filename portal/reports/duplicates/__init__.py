"""Two records side by side with all that hangs on them, and the acts of the two administrators."""
