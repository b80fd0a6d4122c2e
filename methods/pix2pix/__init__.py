"""The system of Vieira et al. (2024): two pix2pix GANs, the despeckler `D` and the simulator `S`."""
