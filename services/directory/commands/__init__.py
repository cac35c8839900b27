"""What people and our own processes can make happen; each function writes through the unit of work it is given."""
