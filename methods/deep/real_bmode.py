"""Real B-mode in the training of what needs no clean version of a speckled image."""

from .despeckler import TRAINED_ON

REAL = ("hc18", "usgra")  # fetal heads, and nerves and vessels; beside the products of gan-d, a quarter of the crops
TRAINED_ON_REAL_TOO = (*TRAINED_ON, *(f"{name}/train" for name in REAL))
