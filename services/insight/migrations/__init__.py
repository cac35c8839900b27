"""Numbered, linear migrations of this schema."""
