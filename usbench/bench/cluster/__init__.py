"""Units on the workers of a Dask scheduler: made where the work is, kept where the run was started."""
