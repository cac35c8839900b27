"""One function for each question; reads only."""
