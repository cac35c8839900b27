"""Rules about showing numbers; imports the standard library and itself alone."""
