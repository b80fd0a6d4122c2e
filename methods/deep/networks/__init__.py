"""One architecture per file: modules from (B, 1, H, W) in [0, 1] to the same shape, for any height and width."""
