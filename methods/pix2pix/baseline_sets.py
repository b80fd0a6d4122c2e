"""The training sets that the deep baselines and `gan-d-short` have in common, so that they can be compared."""

# The paper's two classes of pairs, and correlated speckle of random grain. `psf` is left out: the suite tests on it as
# speckle that a network has not seen.
TRAINING_SETS = (
    "natural+rayleigh mri+gan-s mri+varied phantom+varied natural+varied "
    "natural+rayleigh shapes+varied mri+varied phantom+varied natural+varied"
)
