"""Self-assessments: opening, answering, the board's discussion, sign-off, results and what is shared."""
