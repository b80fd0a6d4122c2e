"""Speed: compiled loops, memory allocation and half precision."""
