"""The things we deploy. Nothing in here imports a sibling."""
