"""Servers that take mail and deliver it nowhere: each mail becomes a file. For one machine only."""
