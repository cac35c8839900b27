"""Competency frameworks, private reflections and the board profile."""
