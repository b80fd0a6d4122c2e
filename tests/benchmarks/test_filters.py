"""Each filter beside the implementation that a user would pick instead, in one run; prints the ratios.

Run with `pytest tests/benchmarks/test_filters.py --benchmark-only` after `pip install -e '.[bench]'`. Both sides of a
pair take turns. On a quiet machine the least of the repeats counts, and where the two halves of the repeats differ by
more than 8 % they are taken again. With as many busy processes as cores, which the benchmark starts, the median counts.
"""

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module

import numpy as np
import pytest
import torch

import usbench
from usbench.bench.neighbours import busy_neighbours

STATES = ("quiet", "busy")
SIZES = (256, 512)
SPREAD, ATTEMPTS = 0.08, 4
LOCAL = (
    "mean", "gaussian", "wiener", "median[size=3]", "median[size=5]", "hybrid-median", "lee", "kuan", "lee-enhanced",
    "lee-sigma", "gamma-map", "frost", "frost-enhanced", "nagao", "guided", "bilateral",
)  # fmt: skip


def speckle(size: int) -> np.ndarray:
    return np.clip(0.4 * np.random.default_rng(0).rayleigh(0.8, (size, size)), 0, 1).astype(np.float32)


def scipy_mean(image):
    return import_module("scipy.ndimage").uniform_filter(image, 5, mode="reflect")


def scipy_gaussian(image):
    return import_module("scipy.ndimage").gaussian_filter(image, 2.0, radius=8, mode="reflect")


def sitk(name: str, **settings):
    def call(image):
        toolkit = import_module("SimpleITK")
        bounded = getattr(toolkit, f"{name}ImageFilter")()
        for key, value in settings.items():
            getattr(bounded, f"Set{key}")(value)
        return toolkit.GetArrayFromImage(bounded.Execute(toolkit.GetImageFromArray(image)))

    return call


def itk(name: str, **settings):
    def call(image):
        toolkit = import_module("itk")
        return np.asarray(getattr(toolkit, f"{name}_image_filter")(toolkit.image_view_from_array(image), **settings))

    return call


def cv2(name: str, *arguments, **options):
    return lambda image: getattr(import_module("cv2"), name)(image, *arguments, **options)


def skimage(name: str, **options):
    return lambda image: getattr(import_module("skimage.restoration"), name)(image, **options)


def scipy_signal_wiener(image):
    return import_module("scipy.signal").wiener(image, 5)


def scipy_median(size: int):
    return lambda image: import_module("scipy.ndimage").median_filter(image, size, mode="reflect")


def findpeaks(name: str, **options):
    def call(image):
        scaled = (255 * image).astype(np.float32)
        return getattr(import_module(f"findpeaks.filters.{name.partition('_')[0]}"), name)(scaled, **options)

    return call


def bytes_nlm(image):
    return import_module("cv2").fastNlMeansDenoising((255 * image).astype(np.uint8), None, 51, 7, 15)


def medpy_diffusion(image):
    smoothing = import_module("medpy.filter.smoothing")
    return smoothing.anisotropic_diffusion(image, niter=50, kappa=0.1, gamma=0.25, option=1)


NLM = {"patch_size": 7, "patch_distance": 7, "h": 0.2, "fast_mode": True}
TV = {"weight": 0.2, "eps": 0, "max_num_iter": 100}
GRADIENT = {"NumberOfIterations": 50, "TimeStep": 0.125, "ConductanceParameter": 1.0}
ITK_GRADIENT = {"number_of_iterations": 50, "time_step": 0.125, "conductance_parameter": 1.0}

# our name, the rival, its package, and whether it is too slow for 512 pixels
PAIRS: list[tuple[str, str, str, Callable, bool]] = [
    ("mean", "scipy uniform_filter", "scipy", scipy_mean, False),
    ("mean", "opencv blur", "cv2", cv2("blur", (5, 5)), False),
    ("mean", "simpleitk", "SimpleITK", sitk("Mean", Radius=[2, 2]), False),
    ("mean", "itk", "itk", itk("mean", radius=2), False),
    ("gaussian", "scipy gaussian_filter", "scipy", scipy_gaussian, False),
    ("gaussian", "opencv GaussianBlur", "cv2", cv2("GaussianBlur", (17, 17), 2.0), False),
    ("gaussian", "simpleitk", "SimpleITK", sitk("DiscreteGaussian", Variance=4.0, MaximumKernelWidth=17), False),
    ("gaussian", "simpleitk (recursive)", "SimpleITK", sitk("SmoothingRecursiveGaussian", Sigma=2.0), False),
    ("gaussian", "itk", "itk", itk("discrete_gaussian", variance=4.0, maximum_kernel_width=17), False),
    ("wiener", "scipy wiener", "scipy", scipy_signal_wiener, False),
    ("median[size=3]", "scipy median_filter", "scipy", scipy_median(3), False),
    ("median[size=3]", "opencv medianBlur", "cv2", cv2("medianBlur", 3), False),
    ("median[size=5]", "opencv medianBlur", "cv2", cv2("medianBlur", 5), False),
    ("median", "scipy median_filter", "scipy", scipy_median(7), False),
    ("median", "simpleitk", "SimpleITK", sitk("Median", Radius=[3, 3]), False),
    ("median", "itk", "itk", itk("median", radius=3), False),
    ("bilateral", "scikit-image", "skimage",
     skimage("denoise_bilateral", win_size=13, sigma_color=0.5, sigma_spatial=3), True),
    ("bilateral", "opencv", "cv2", cv2("bilateralFilter", 13, 0.5, 3.0), False),
    ("bilateral", "simpleitk", "SimpleITK", sitk("Bilateral", DomainSigma=3.0, RangeSigma=0.5), True),
    ("bilateral", "itk", "itk", itk("bilateral", domain_sigma=3.0, range_sigma=0.5), True),
    ("nlm", "scikit-image (fast)", "skimage", skimage("denoise_nl_means", **NLM), False),
    ("nlm", "opencv (8 bit)", "cv2", bytes_nlm, False),
    ("tv[iterations=100]", "scikit-image", "skimage", skimage("denoise_tv_chambolle", **TV), False),
    ("perona-malik", "medpy", "medpy", medpy_diffusion, False),
    ("perona-malik", "simpleitk", "SimpleITK", sitk("GradientAnisotropicDiffusion", **GRADIENT), False),
    ("perona-malik", "itk", "itk", itk("gradient_anisotropic_diffusion", **ITK_GRADIENT), True),
    ("lee", "findpeaks", "findpeaks", findpeaks("lee_filter", win_size=7, cu=0.5227), True),
    ("kuan", "findpeaks", "findpeaks", findpeaks("kuan_filter", win_size=7, cu=0.5227), True),
    ("frost", "findpeaks", "findpeaks", findpeaks("frost_filter", win_size=7, damping_factor=2), True),
]  # fmt: skip


def least_ms(calls: list[Callable[[], object]], seconds: float = 0.6) -> list[float]:
    """Return the least time of each call in ms; they take turns, and doubtful times are taken again.

    A turn is some calls in a row: threads that a library leaves spinning are in the way of the next one's first calls.
    """
    for call in calls:
        call()
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(ATTEMPTS):
        turns: list[list[float]] = [[] for _ in calls]
        end = time.perf_counter() + seconds * len(calls)
        while min(map(len, turns)) < 2 or time.perf_counter() < end:
            for times, call in zip(turns, calls, strict=True):
                times.append(min(_turn(call)))
        for times, new in zip(found, turns, strict=True):
            times += new
        halves = [(min(times[::2]), min(times[1::2])) for times in turns]
        if all(abs(a - b) <= SPREAD * min(a, b) for a, b in halves):
            break
    return [min(times) for times in found]


def median_ms(calls: list[Callable[[], object]], seconds: float = 1.2) -> list[float]:
    """Return the median time of each call in ms; they take turns."""
    found: list[list[float]] = [[] for _ in calls]
    end = time.perf_counter() + seconds * len(calls)
    while min(map(len, found)) < 5 or time.perf_counter() < end:
        for times, call in zip(found, calls, strict=True):
            times += _turn(call)
    return [statistics.median(times) for times in found]


def _turn(call: Callable[[], object], seconds: float = 0.08, most: int = 100) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or (time.perf_counter() < end and len(times) < most):
        before = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - before))
    return times


def ready(name: str) -> usbench.Method:
    method = usbench.load_method(name)
    method.prepare("cpu")
    return method


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "rival", "package", "call", "slow"), PAIRS, ids=lambda x: x if isinstance(x, str) else ""
)
def test_ours_is_as_fast_as(benchmark, capsys, name, rival, package, call, slow, size, state):
    pytest.importorskip(package, reason=f"{package} is not installed; pip install -e '.[bench]'")
    if slow and size > 256:
        pytest.skip("the rival takes tens of seconds")
    image, method = speckle(size), ready(name)
    benchmark.group = f"{name} {size}"
    benchmark.pedantic(method.despeckle_plane, args=(image,), rounds=5, warmup_rounds=1)
    calls = [lambda: method.despeckle_plane(image), lambda: call(image)]
    with busy_neighbours() if state == "busy" else nullcontext():
        ours, theirs = least_ms(calls) if state == "quiet" else median_ms(calls)
    benchmark.extra_info |= {"rival": rival, "state": state, "ratio": theirs / ours}
    with capsys.disabled():
        line = f"{name:20s} {size:4d} {state}  ours {ours:9.3f} ms  {rival:22s} {theirs:10.3f} ms"
        print(f"\n{line}  ratio {theirs / ours:8.1f}", end="")
    assert ours <= 1.08 * theirs


@pytest.mark.parametrize("name", LOCAL)
def test_time_over_a_copy_of_the_image(benchmark, capsys, name):
    image, method = speckle(512), ready(name)
    target = np.empty_like(image)
    benchmark.pedantic(method.despeckle_plane, args=(image,), rounds=5, warmup_rounds=1)
    ours, copy = least_ms([lambda: method.despeckle_plane(image), lambda: np.copyto(target, image)])
    benchmark.extra_info["over_a_copy"] = ours / copy
    with capsys.disabled():
        print(f"\n{name:20s} {ours:8.3f} ms  {ours / copy:7.1f} copies of {copy:.3f} ms", end="")


@pytest.mark.parametrize("name", ["lee", "frost", "srad[iterations=20]", "perona-malik[iterations=20]", "median"])
def test_time_grows_linearly_with_pixels(benchmark, capsys, name):
    method = ready(name)
    benchmark.pedantic(method.despeckle_plane, args=(speckle(128),), rounds=5, warmup_rounds=1)
    sides = (128, 256, 512, 1024, 2048)
    images = [speckle(side) for side in sides]
    nanoseconds = [
        1e6 * least_ms([lambda image=image: method.despeckle_plane(image)])[0] / image.size for image in images
    ]
    with capsys.disabled():
        print(
            f"\n{name:28s} ns a pixel: " + "  ".join(f"{s}: {n:.2f}" for s, n in zip(sides, nanoseconds, strict=True)),
            end="",
        )
    benchmark.extra_info["ns_per_pixel"] = dict(zip(map(str, sides), nanoseconds, strict=True))
    # a small image has the calls' fixed cost in it, a large one leaves the caches
    slope = np.polyfit(
        np.log([side * side for side in sides[1:]]), np.log(np.multiply(nanoseconds, np.square(sides))[1:]), 1
    )[0]
    assert 0.8 < slope < 1.25


@pytest.mark.parametrize("name", ["lee", "srad[iterations=20]", "median"])
def test_a_batch_is_spread_over_the_cores(benchmark, capsys, name):
    import numba

    method = ready(name)
    frames = torch.from_numpy(np.stack([speckle(256)] * 8))[:, None]
    benchmark.pedantic(method.despeckle, args=(frames,), rounds=5, warmup_rounds=1)
    threads = numba.get_num_threads()

    def alone():
        numba.set_num_threads(1)
        method.despeckle(frames)
        numba.set_num_threads(threads)

    together, single = least_ms([lambda: method.despeckle(frames), alone])
    with capsys.disabled():
        print(f"\n{name:20s} 8 frames: {together:.2f} ms with {threads} threads, {single:.2f} with one", end="")


@pytest.mark.benchmark(group="ssim")
@pytest.mark.parametrize("which", ["usbench", "scikit-image"])
def test_ssim(benchmark, which):
    import skimage.metrics

    from usbench.metrics.fidelity import ssim

    first = speckle(256).astype(np.float64)
    second = np.clip(first + 0.01, 0, 1)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1}
    calls = {
        "usbench": lambda: ssim(second, first),
        "scikit-image": lambda: skimage.metrics.structural_similarity(first, second, **options),
    }
    assert benchmark(calls[which]) > 0.9
