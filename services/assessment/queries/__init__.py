"""Questions this service answers; reading only. Each takes the open unit of work and returns plain values."""
