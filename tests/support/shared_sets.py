"""The public sets of which some files are beside the checkout."""

from pathlib import Path

import usbench
from usbench.core.dataset import Dataset

HERE = {  # folder and number of samples
    "hc18": ("hc18", 60),
    "usgra": ("usgra", 51),
    "busi": ("Dataset_BUSI_with_GT", 14),
    "timtrack": ("timtrack", 12),
    "disk": ("pymust_disk", 32),
    "pluslib": ("pluslib", 33),
    "itk": ("itk_ultrasound", 5),
}


def load(shared_data: Path, name: str) -> Dataset:
    """Return all samples of a set."""
    return usbench.load_dataset(f"{name}:{shared_data / HERE[name][0]}", whole=True)
