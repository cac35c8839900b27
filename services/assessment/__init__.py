"""Self-assessments: question sets, rounds, private answers, agreed levels, sign-off and sharing."""
