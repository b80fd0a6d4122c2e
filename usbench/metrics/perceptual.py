"""Similarity measures of the image quality literature, as the piq package computes them."""

from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from typing import Any

import numpy as np

from usbench.errors import ImageError
from usbench.metric import Metric

SMALLEST = {"multi_scale_ssim": 161, "fsim": 1, "gmsd": 6, "haarpsi": 16, "vif_p": 41}
LPIPS_FILES = ("vgg16-397923af.pth", "lpips_weights.pt")


def similarity(estimate: np.ndarray, reference: np.ndarray, function: str, **options: Any) -> float:
    """Return a measure of piq for two grey images in [0, 1]; values outside are clipped.

    Parameters
    ----------
    estimate, reference
        (H, W).
    function
        Name in piq.
    options
        Of that function, beside `data_range=1`.

    Raises
    ------
    ImageError
        If the image is smaller than the measure's scales, or has values that are not finite.
    """
    import piq

    least = SMALLEST[function]
    if min(estimate.shape) < least:
        height, width = estimate.shape
        raise ImageError(f"{function} needs an image of at least {least} x {least} pixels, not {height} x {width}.")
    images = [_tensor(image) for image in (estimate, reference)]
    return float(getattr(piq, function)(*images, data_range=1.0, **options))


def lpips(estimate: np.ndarray, reference: np.ndarray) -> float:
    """Return the learned perceptual distance of Zhang et al. (CVPR 2018), VGG features, of two grey images."""
    return float(_lpips()(*(_tensor(image).expand(1, 3, *image.shape) for image in (estimate, reference))))


def lpips_unavailable() -> str:
    """Return why LPIPS cannot be computed: its weights are never downloaded by the suite."""
    import os
    from pathlib import Path

    home = Path(os.environ.get("TORCH_HOME", Path.home() / ".cache" / "torch")) / "hub" / "checkpoints"
    missing = [name for name in LPIPS_FILES if not (home / name).is_file()]
    if not missing:
        return ""
    return f"lpips needs {' and '.join(missing)} in {home}; piq.LPIPS() downloads them there."


@cache
def _lpips() -> Any:
    import piq

    return piq.LPIPS(replace_pooling=False)


def _tensor(image: np.ndarray) -> Any:
    import torch

    if not np.isfinite(image).all():
        raise ImageError("A similarity measure was given values that are not finite (NaN or infinity).")
    return torch.from_numpy(np.clip(image, 0, 1).astype(np.float32))[None, None]


def _metric(name: str, title: str, function: str, better: Any, paper: str, by_default: bool, **options: Any) -> Metric:
    given = "".join(f", {key}={value}" for key, value in options.items())
    call: Callable[..., float] = partial(similarity, function=function, **options)
    spec = f"piq {version('piq')} {function}(data_range=1{given}), {paper}"
    return Metric(name, title, call, ("reference",), better, "", spec, by_default)


MS_SSIM = _metric(
    "ms_ssim", "Multi-scale structural similarity", "multi_scale_ssim", "higher",
    "Wang, Simoncelli, Bovik, Asilomar 2003; five scales", by_default=False, kernel_size=11, kernel_sigma=1.5,
)  # fmt: skip
FSIM = _metric(
    "fsim", "Feature similarity", "fsim", "higher",
    "Zhang et al., IEEE Trans. Image Process. 20(8):2378, 2011", by_default=False, chromatic=False,
)  # fmt: skip
GMSD = _metric(
    "gmsd", "Gradient magnitude similarity deviation", "gmsd", "lower",
    "Xue et al., IEEE Trans. Image Process. 23(2):684, 2014; it halves the resolution first", by_default=True,
)  # fmt: skip
HAARPSI = _metric(
    "haarpsi", "Haar perceptual similarity", "haarpsi", "higher",
    "Reisenhofer et al., Signal Process. Image Commun. 61:33, 2018; it halves the resolution first", by_default=False,
)  # fmt: skip
VIF = _metric(
    "vif", "Visual information fidelity, pixel domain", "vif_p", "higher",
    "Sheikh, Bovik, IEEE Trans. Image Process. 15(2):430, 2006", by_default=False, sigma_n_sq=2.0,
)  # fmt: skip
LPIPS = Metric(
    name="lpips",
    title="Learned perceptual distance",
    function=lpips,
    needs=("reference",),
    better="lower",
    unit="",
    spec=f"piq {version('piq')} LPIPS, VGG16, Zhang et al. CVPR 2018; trained on photographs, not on ultrasound",
    by_default=False,
    unavailable=lpips_unavailable,
)
