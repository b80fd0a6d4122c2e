"""Generated pages of the documentation: from the registry, docstrings and the command line."""
