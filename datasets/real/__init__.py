"""Public B-mode sets, read from a user's own copy: each is a short declaration for a generic reader."""
