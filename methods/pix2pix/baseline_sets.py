"""The training sets that the deep baselines and `gan-d-short` have in common, so that they can be compared."""

from collections.abc import Mapping
from types import MappingProxyType

TRAINING_SETS = "gan-d"  # the pairs of `gan-d`, without lesions
# of S, which never meets a method's input: all real B-mode but that of the verdict suite
BMODE_FOLDERS = ("hc18/training_set", "usgra/dataset/images", "timtrack", "bmode_many", "pydicom_data")
# of gan-d and the baselines: no real set on which they are judged
TRAINING_FOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"mri": ("mri_many",), "natural": ("natural/train400",), "bmode": ("bmode_many", "pydicom_data")}
)
BUDGET = 45 * 60.0  # seconds of one core, of the baselines and of `gan-d-short`
