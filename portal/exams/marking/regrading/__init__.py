"""A wrong key found later: a new key version proposed, previewed, approved by another and applied to all."""
