"""A method on a user's own files: the same kind of file comes out, with geometry and metadata kept."""
