"""The audit trail on screen: who did what, when and from where, inside what the reader answers for."""
