"""Exams, who may sit them, attempts, answers, marking, results."""
