"""The rules of this service: plain Python, no input or output."""
