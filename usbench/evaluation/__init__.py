"""One method on one sample: what runs, apply, conformance checks and training share."""
