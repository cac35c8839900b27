"""Plays the product's main job through the public APIs, as the people of the demonstration would."""
