"""One function for each thing a person or an event can make happen; writes through the unit of work given."""
