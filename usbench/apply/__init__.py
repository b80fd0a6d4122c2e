"""Despeckle a user's files: results are files of the same kind, with geometry and metadata kept."""
