"""Erasing a person when no room above still needs to know who he is."""
