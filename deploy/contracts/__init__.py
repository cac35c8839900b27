"""What services promise each other and their callers, written down, and held against the last release."""
