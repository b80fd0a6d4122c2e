"""Trained weights: shipped ones, those a user adds, and which images they were trained on."""
