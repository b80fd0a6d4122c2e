"""Pages of the documentation that are written from the registry, the docstrings and the command line."""
