"""The rules of a self-assessment: plain Python, no database, no web."""
