"""The portal's schema, step by step."""
