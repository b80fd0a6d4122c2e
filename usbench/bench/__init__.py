"""What to run, running it, timing it, and keeping the rows."""
