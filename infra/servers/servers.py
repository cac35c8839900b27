"""Start and stop the servers of a profile in the right order."""
