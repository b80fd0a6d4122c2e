"""The one training loop that every trainable method uses: resumable, bounded in time, on any device (Fabric)."""
