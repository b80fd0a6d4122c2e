"""Public data sets: their index, management and download."""
