"""The physics and geometry of B-mode images: speckle, display, scan area and regions of interest."""
