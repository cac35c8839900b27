"""Mechanisms that every service needs. No business rule lives here: a change of a rule never changes a file below."""
