"""Figures measured on the running system; never a test that fails on a slow machine."""
