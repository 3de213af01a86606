"""From the saved answers and a key version to a result."""
