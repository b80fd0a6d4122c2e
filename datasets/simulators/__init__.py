"""Speckle simulators, one file each."""
