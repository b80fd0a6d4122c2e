"""Similarity measures of the image quality literature, as the piq package computes them."""

from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version
from typing import Any

import numpy as np

from usbench.core.errors import ImageError
from usbench.core.metric import Metric

SMALLEST = {"multi_scale_ssim": 161, "fsim": 1, "gmsd": 6, "haarpsi": 16, "vif_p": 41, "vsi": 16}
IN_FLOAT64 = {"vif_p"}  # its variances are differences of large numbers: float32 changed the order of methods
LPIPS_FILES = ("vgg16-397923af.pth", "lpips_weights.pt")
DISTS_FILES = ("vgg16-397923af.pth", "dists_weights.pt")


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
    import warnings

    import piq

    least = SMALLEST[function]
    if min(estimate.shape) < least:
        height, width = estimate.shape
        raise ImageError(f"{function} needs an image of at least {least} x {least} pixels, not {height} x {width}.")
    kind = np.float64 if function in IN_FLOAT64 else np.float32
    images = [_tensor(image, kind) for image in (estimate, reference)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The original VSI supports only RGB images")
        return float(getattr(piq, function)(*images, data_range=1.0, **options))


def lpips(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the learned perceptual distance of two grey images, over the features of VGG16.

    .. math:: \sum_l \frac{1}{H_l W_l} \sum_p \left\| w_l \odot (f_{l,x}(p) - f_{l,y}(p)) \right\|_2^2

    with :math:`f_l` the features of layer :math:`l`, of unit length over channels, and :math:`w_l` learned
    weights.

    Returns
    -------
    float
        From 0, for identical images.

    Notes
    -----
    Features and weights are of photographs in colour: nobody has shown that the distance follows how a reader sees
    B-mode. The weights are not shipped, and never downloaded by the suite.

    References
    ----------
    Zhang, Isola, Efros, Shechtman, Wang, "The unreasonable effectiveness of deep features as a perceptual metric", CVPR
    2018.
    """
    return float(_lpips()(*(_tensor(image).expand(1, 3, *image.shape) for image in (estimate, reference))))


def dists(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the distance of two grey images in structure and texture, over the features of VGG16.

    .. math:: 1 - \sum_{l} \left(\alpha_l \frac{2 \mu_x \mu_y + c}{\mu_x^2 + \mu_y^2 + c}
        + \beta_l \frac{2 \sigma_{xy} + c}{\sigma_x^2 + \sigma_y^2 + c}\right)

    with means, variances and covariances of the feature maps, and learned weights :math:`\alpha, \beta`.

    Returns
    -------
    float
        From 0, for identical images.

    Notes
    -----
    It forgives another sample of the same texture. Features and weights are of photographs in colour. The weights are
    not shipped, and never downloaded by the suite.

    References
    ----------
    Ding, Ma, Wang, Simoncelli, "Image quality assessment: unifying structure and texture similarity", IEEE Trans. PAMI
    44(5):2567-2581, 2022.
    """
    return float(_dists()(*(_tensor(image).expand(1, 3, *image.shape) for image in (estimate, reference))))


def lpips_unavailable() -> str:
    """Return why LPIPS cannot be computed: its weights are never downloaded by the suite."""
    return _absent("lpips", "piq.LPIPS()", LPIPS_FILES)


def dists_unavailable() -> str:
    """Return why DISTS cannot be computed: its weights are never downloaded by the suite."""
    return _absent("dists", "piq.DISTS()", DISTS_FILES)


def _absent(name: str, call: str, files: tuple[str, ...]) -> str:
    import os
    from pathlib import Path

    home = Path(os.environ.get("TORCH_HOME", Path.home() / ".cache" / "torch")) / "hub" / "checkpoints"
    missing = [file for file in files if not (home / file).is_file()]
    return f"{name} needs {' and '.join(missing)} in {home}; {call} downloads them there." if missing else ""


@cache
def _lpips() -> Any:
    import piq

    return piq.LPIPS(replace_pooling=False)


@cache
def _dists() -> Any:
    import piq

    return piq.DISTS()


def _tensor(image: np.ndarray, kind: type = np.float32) -> Any:
    import torch

    if not np.isfinite(image).all():
        raise ImageError("A similarity measure was given values that are not finite (NaN or infinity).")
    return torch.from_numpy(np.clip(image, 0, 1).astype(kind))[None, None]


def _metric(
    name: str, title: str, function: str, better: Any, paper: str, by_default: bool, version_: str = "1", **options: Any
) -> Metric:
    given = "".join(f", {key}={value}" for key, value in options.items())
    call: Callable[..., float] = partial(similarity, function=function, **options)
    spec = f"piq {version('piq')} {function}(data_range=1{given}), {paper}"
    return Metric(name, title, call, ("reference",), better, "", spec, by_default, version=version_)


MS_SSIM = _metric(
    "ms_ssim", "Multi-scale structural similarity", "multi_scale_ssim", "higher",
    "Wang, Simoncelli, Bovik, Asilomar 2003; five scales", by_default=False, kernel_size=11, kernel_sigma=1.5,
)  # fmt: skip
r"""Structural similarity over five scales.

.. math:: l_5^{w_5} \prod_{j=1}^{5} (c_j s_j)^{w_j}

with luminance, contrast and structure terms as in `ssim`, the image halved from scale to scale, and the weights
:math:`w` = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333.

Returns
-------
float
    In [0, 1]; 1 for identical images. At least 161 x 161 pixels.

Notes
-----
Those of `ssim`. The middle scales weigh most: pixel-fine speckle counts little. Negative structure terms are set to 0.

References
----------
Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment", Asilomar 2003.
"""
FSIM = _metric(
    "fsim", "Feature similarity", "fsim", "higher",
    "Zhang et al., IEEE Trans. Image Process. 20(8):2378, 2011", by_default=False, chromatic=False,
)  # fmt: skip
r"""Similarity of phase congruency and gradient, weighted by phase congruency.

.. math:: \frac{\sum_p S_C S_G \max(C_x, C_y)}{\sum_p \max(C_x, C_y)}, \quad
    S_C = \frac{2 C_x C_y + T_1}{C_x^2 + C_y^2 + T_1}, \quad S_G = \frac{2 g_x g_y + T_2}{g_x^2 + g_y^2 + T_2}

with :math:`C` the phase congruency, :math:`g` the length of Scharr's gradient, :math:`T_1 = 0.85` and
:math:`T_2 = 160` on greys from 0 to 255.

Returns
-------
float
    In [0, 1]; 1 for identical images.

Notes
-----
Images with a shorter side of 384 pixels and more are averaged down first. Pixels without phase congruency hardly count:
speckle in flat regions is seen less than speckle at edges.

References
----------
Zhang, Zhang, Mou, Zhang, "FSIM: a feature similarity index for image quality assessment", IEEE Trans. Image Process.
20(8):2378-2386, 2011.
"""
GMSD = _metric(
    "gmsd", "Gradient magnitude similarity deviation", "gmsd", "lower",
    "Xue et al., IEEE Trans. Image Process. 23(2):684, 2014; it halves the resolution first", by_default=True,
)  # fmt: skip
r"""Standard deviation over pixels of the similarity of gradients.

.. math:: \mathrm{std}_p\left(\frac{2 g_x g_y + c}{g_x^2 + g_y^2 + c}\right), \quad c = 170 / 255^2

with :math:`g` the length of Prewitt's gradient, after averaging 2 x 2 pixels.

Returns
-------
float
    From 0, for identical images.

Notes
-----
It is the spread, not the level, of the similarity: an image that is equally wrong everywhere scores well. It halves the
resolution first, so single-pixel speckle is averaged before it is judged.

References
----------
Xue, Zhang, Mou, Bovik, "Gradient magnitude similarity deviation", IEEE Trans. Image Process. 23(2):684-695, 2014.
"""
HAARPSI = _metric(
    "haarpsi", "Haar perceptual similarity", "haarpsi", "higher",
    "Reisenhofer et al., Signal Process. Image Commun. 61:33, 2018; it halves the resolution first", by_default=False,
)  # fmt: skip
r"""Similarity of Haar wavelet coefficients, weighted by the coarsest.

.. math:: \left(\frac{1}{\alpha} \sigma^{-1}\left(\frac{\sum_k \sum_p \sigma(\alpha S_k)\, W_k}
    {\sum_k \sum_p W_k}\right)\right)^2, \quad \sigma(t) = \frac{1}{1 + e^{-t}}

over both orientations :math:`k`: :math:`S_k` is the mean similarity :math:`(2 h_x h_y + C) / (h_x^2 + h_y^2 + C)` of
the two finest coefficients, :math:`W_k` the larger third one, :math:`C = 30` on greys from 0 to 255, :math:`\alpha =
4.2`.

Returns
-------
float
    In [0, 1]; 1 for identical images. At least 16 x 16 pixels.

Notes
-----
It halves the resolution first. Its constants were fitted to opinions on photographs.

References
----------
Reisenhofer, Bosse, Kutyniok, Wiegand, "A Haar wavelet-based perceptual similarity index for image quality assessment",
Signal Process. Image Commun. 61:33-43, 2018.
"""
VIF = _metric(
    "vif", "Visual information fidelity, pixel domain", "vif_p", "higher",
    "Sheikh, Bovik, IEEE Trans. Image Process. 15(2):430, 2006; in float64", by_default=False, version_="2",
    sigma_n_sq=2.0,
)  # fmt: skip
r"""Share of the information of one image that is found in the other, over four scales in the pixel domain.

.. math:: \frac{\sum_j \sum_p \log\left(1 + g^2 \sigma^2 / (\sigma_v^2 + \sigma_n^2)\right)}
    {\sum_j \sum_p \log\left(1 + \sigma^2 / \sigma_n^2\right)}

with local gain :math:`g`, local variance :math:`\sigma^2`, the variance :math:`\sigma_v^2` that the gain does not
explain, and :math:`\sigma_n^2 = 2` on greys from 0 to 255.

Returns
-------
float
    From 0; 1 for identical images, and above 1 where contrast was raised. At least 41 x 41 pixels.

Notes
-----
It is not symmetric. A method that raises contrast gains by it. The noise's variance belongs to a scale of 255 grey
levels.

References
----------
Sheikh, Bovik, "Image information and visual quality", IEEE Trans. Image Process. 15(2):430-444, 2006.
"""
VSI = _metric(
    "vsi", "Visual saliency-induced similarity", "vsi", "higher",
    "Zhang, Shen, Li, IEEE Trans. Image Process. 23(10):4270, 2014; grey in all three channels", by_default=False,
)  # fmt: skip
r"""Similarity of visual saliency and of gradients, weighted by saliency.

.. math:: \frac{\sum_p S_V S_G^{0.4} S_C^{0.02} \max(V_x, V_y)}{\sum_p \max(V_x, V_y)}

with :math:`V` the saliency map by the frequencies of the image, :math:`G` the length of Scharr's gradient and :math:`C`
chrominance, which grey images do not have.

Returns
-------
float
    In [0, 1]; 1 for identical images. At least 16 x 16 pixels.

Notes
-----
Saliency is that of photographs: nobody has shown that it is where a sonographer looks.

References
----------
Zhang, Shen, Li, "VSI: a visual saliency-induced index for perceptual image quality assessment", IEEE Trans. Image
Process. 23(10):4270-4281, 2014.
"""
DISTS = Metric(
    name="dists",
    title="Structure and texture distance",
    function=dists,
    needs=("reference",),
    better="lower",
    unit="",
    spec=f"piq {version('piq')} DISTS, VGG16, Ding et al. TPAMI 2022; trained on photographs, not on ultrasound",
    by_default=False,
    unavailable=dists_unavailable,
)
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
