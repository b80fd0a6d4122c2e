"""Real B-mode in the training of what needs no clean version of a speckled image."""

from .despeckler import TRAINED_ON

REAL = ("hc18", "usgra")  # fetal heads, and nerves and vessels; with the products of gan-d-short, a quarter of crops
TRAINED_ON_REAL_TOO = (*TRAINED_ON, *(f"{name}/train" for name in REAL))
