"""The system of Vieira et al. (2024): two pix2pix GANs, `D` that despeckles and `S` that simulates."""
