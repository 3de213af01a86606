"""Days on which offices work, and periods counted in them."""
