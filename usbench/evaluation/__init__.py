"""Evaluate one method on samples: shared by runs, apply, conformance checks and training."""
