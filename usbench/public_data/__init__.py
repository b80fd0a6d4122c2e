"""Public data sets: the index, where they are kept, and their download."""
