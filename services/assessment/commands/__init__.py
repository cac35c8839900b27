"""What a user, an event or the clock can make happen; each writes through the unit of work it is given."""
