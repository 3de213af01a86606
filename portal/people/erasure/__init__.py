"""Forgetting a person: by right, or because the years of keeping are over."""
