"""How code runs fast: compiled loops, memory allocation and half precision."""
