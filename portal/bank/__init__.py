"""Stored question versions and the banks that hold them."""
