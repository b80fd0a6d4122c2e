"""Despeckling methods, one file each; the entry points in pyproject.toml are their index."""
