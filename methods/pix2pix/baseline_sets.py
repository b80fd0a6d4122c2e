"""The pairs that the deep baselines and `gan-d-short` learn from, so that they may be compared as methods."""

# The paper's two classes of pairs, and correlated speckle of no scanner in particular. `psf`, by which the suite tests
# on speckle that a network has not seen, is not among them.
PRODUCTS = (
    "natural+rayleigh mri+gan-s mri+varied phantom+varied natural+varied "
    "natural+rayleigh shapes+varied mri+varied phantom+varied natural+varied"
)
