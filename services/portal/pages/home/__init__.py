"""Home: each role's first question, answered."""
