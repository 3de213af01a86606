"""Tests read like the sentence they prove."""
