"""The training loop of all trainable methods: resumable, with a time limit, on any device (Fabric)."""
