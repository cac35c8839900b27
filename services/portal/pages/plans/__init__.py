"""The action plan: what matters most, what is done about it, and the board's word on it."""
