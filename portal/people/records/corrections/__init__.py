"""Wrong names and ID numbers put right by two people, and what persons themselves ask to have put right."""
