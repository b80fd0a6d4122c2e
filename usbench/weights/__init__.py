"""Trained weights: shipped ones, those that a user adds, and fingerprints of their training images."""
