"""Questions, each one function that only reads."""
