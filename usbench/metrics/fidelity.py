"""How close the estimate is to the reference."""

import numpy as np

from usbench.core.errors import ImageError
from usbench.core.metric import Metric

from .convolution import gaussian_means

FLAT = 1e-12  # variance below which an image is constant but for rounding
SSIM_SIGMA = 1.5
SSIM_RADIUS = 5  # an 11 x 11 window
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2


def psnr(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the peak signal-to-noise ratio in dB.

    .. math:: \mathrm{PSNR} = 10 \log_{10} \frac{1}{\mathrm{MSE}}, \quad \mathrm{MSE} = \overline{(y - x)^2}

    The peak is fixed at 1, the white of images in [0, 1]: neither 255 nor the largest value found.

    Parameters
    ----------
    estimate, reference
        Arrays of the same shape in [0, 1].

    Returns
    -------
    float
        From 0 for black against white; infinity for identical images.

    Notes
    -----
    A shift of brightness or contrast costs as much as speckle does: see `psnr_affine`. A constant image scores well on
    a set of little contrast.
    """
    error = float(np.mean((estimate - reference) ** 2))
    return float("inf") if error == 0 else -10.0 * float(np.log10(error))


def psnr_affine(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return `psnr` of :math:`a y + b`, with the :math:`a, b` that fit the estimate to the reference best.

    .. math:: 10 \log_{10} \frac{1}{\min_{a, b} \overline{(a y + b - x)^2}}

    It leaves out what a mere change of brightness and contrast would mend. For a constant estimate, :math:`b` is the
    reference's mean.

    Returns
    -------
    float
        Never below that of a constant image, which is :math:`-10 \log_{10} s_x^2`; infinity where a linear map of grey
        makes the estimate the reference.

    Notes
    -----
    The map is fitted to the reference, which no user of a filter has. A gain of any sign is taken, so an inverted image
    scores like the image; the result is not clipped to [0, 1]. It still rewards blur where blur lowers the error.
    """
    centred = estimate - estimate.mean()
    variance = float(np.mean(centred**2))
    gain = float(np.mean(centred * reference)) / variance if variance > FLAT else 0.0
    return psnr(reference.mean() + gain * centred, reference)


def psnr_matched(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return `psnr` after the estimate's histogram was matched to the reference's.

    .. math:: 10 \log_{10} \frac{1}{\overline{(F_x^{-1}(F_y(y)) - x)^2}}

    with :math:`F_x` and :math:`F_y` the cumulative distributions of grey. It leaves out what any monotone grey map
    would mend.

    Returns
    -------
    float
        From 0; infinity for identical images.

    Notes
    -----
    The map is fitted to the reference. Matching stretches a despeckled image to the reference's histogram, and
    left-over speckle with it: use it beside `psnr_affine`, not instead of it.
    """
    from skimage.exposure import match_histograms

    return psnr(match_histograms(estimate, reference), reference)


def mae(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the mean absolute error :math:`\overline{|y - x|}`, in units of the grey range.

    Returns
    -------
    float
        In [0, 1]; 0 for identical images.

    Notes
    -----
    As with `psnr`, a shift of brightness costs as much as speckle. Large errors at edges weigh less than in `psnr`.
    """
    return float(np.mean(np.abs(estimate - reference)))


def ssim(estimate: np.ndarray, reference: np.ndarray) -> float:
    r"""Return the mean structural similarity of Wang et al. (2004), without downsampling.

    .. math:: \mathrm{SSIM} = \overline{\frac{2 \mu_x \mu_y + c_1}{\mu_x^2 + \mu_y^2 + c_1} \cdot
        \frac{2 \sigma_{xy} + c_2}{\sigma_x^2 + \sigma_y^2 + c_2}}

    with Gaussian weights (11 x 11, sigma 1.5), :math:`c_1 = 0.01^2`, :math:`c_2 = 0.03^2`, averaged over pixels whose
    window lies inside the image.

    Returns
    -------
    float
        In [-1, 1]; 1 for identical images.

    Raises
    ------
    ImageError
        If the image is smaller than the window.

    Notes
    -----
    Implementations that halve large images first give other numbers: one image scored 0.310 at 383 pixels and 0.509 at
    384. In flat regions :math:`c_2` decides, and a flat estimate scores near 1 there: on a set of large flat regions
    SSIM rewards smoothing. On black ground :math:`c_1` makes it sensitive to a few grey levels.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE
    Trans. Image Process. 13(4):600-612, 2004.
    """
    window = 2 * SSIM_RADIUS + 1
    if min(estimate.shape) < window:
        height, width = estimate.shape
        raise ImageError(f"SSIM needs an image of at least {window} x {window} pixels, not {height} x {width}.")
    planes = np.stack([estimate, reference, estimate**2 + reference**2, estimate * reference])
    mean_y, mean_x, mean_squares, mean_product = gaussian_means(planes, SSIM_SIGMA, SSIM_RADIUS)
    product, squares = mean_x * mean_y, mean_x**2 + mean_y**2
    numerator = (2 * product + SSIM_C1) * (2 * (mean_product - product) + SSIM_C2)
    denominator = (squares + SSIM_C1) * (mean_squares - squares + SSIM_C2)
    return float(np.mean(numerator / denominator))


PSNR = Metric(
    name="psnr",
    title="Peak signal-to-noise ratio",
    function=psnr,
    needs=("reference",),
    better="higher",
    unit="dB",
    spec="10 log10(1 / MSE); peak fixed at 1; float64 on [0, 1]",
)
PSNR_AFFINE = Metric(
    name="psnr_affine",
    title="PSNR after the best affine grey map",
    function=psnr_affine,
    needs=("reference",),
    better="higher",
    unit="dB",
    spec="psnr of a y + b, a and b by least squares to the reference; peak fixed at 1, no clipping",
)
PSNR_MATCHED = Metric(
    name="psnr_matched",
    title="PSNR after histogram matching",
    function=psnr_matched,
    needs=("reference",),
    better="higher",
    unit="dB",
    spec="psnr of skimage.exposure.match_histograms(y, x); peak fixed at 1",
)
SSIM = Metric(
    name="ssim",
    title="Structural similarity",
    function=ssim,
    needs=("reference",),
    better="higher",
    unit="",
    spec="Wang 2004: Gaussian 11x11, sigma 1.5, K1 0.01, K2 0.03, data range 1, no downsampling, windows inside only",
)
MAE = Metric(
    name="mae",
    title="Mean absolute error",
    function=mae,
    needs=("reference",),
    better="lower",
    unit="",
    spec="mean of |y - x| on [0, 1]",
)
