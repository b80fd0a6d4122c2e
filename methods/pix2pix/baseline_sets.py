"""The training sets that the deep baselines and `gan-d-short` have in common, so that they can be compared."""

from collections.abc import Mapping
from types import MappingProxyType

TRAINING_SETS = "gan-d"  # the pairs of `gan-d`, without lesions
BMODE_FOLDERS = ("hc18/training_set", "usgra/dataset/images", "timtrack", "bmode_many", "pydicom_data")
TRAINING_FOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"mri": ("mri_many",), "natural": ("natural/train400",), "bmode": BMODE_FOLDERS}
)  # behind the shipped weights of `gan-d` and the baselines
