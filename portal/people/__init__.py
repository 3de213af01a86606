"""Persons, bodies, posts, accounts, roles and scope."""
