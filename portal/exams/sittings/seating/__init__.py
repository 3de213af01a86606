"""Seats: a plan that mixes units, shown before it is made."""
