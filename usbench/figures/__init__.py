"""Pictures and figures of samples and results."""
