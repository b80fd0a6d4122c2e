"""Ten numbers of the boards, drawn at random, recomputed: `python .ci/recompute.py` exits with 1 if one disagrees.

Images, results of methods and regions come from the suite. The metrics and the means over images are written here
again, from the equations in the documentation, with SciPy and scikit-image.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

import usbench
from usbench.evaluation.evaluate import despeckle_sample

BOARDS = Path(__file__).parents[1] / "leaderboards"
LARGEST_DIFFERENCE = 1e-4  # relative; networks compute in bf16 where the processor can
SLOW = ("bm3d", "bm3d-homomorphic", "wnnm", "dip", "zs-n2n", "ir-sde")

Image = np.ndarray
Sample = Any


def psnr(result: Image, sample: Sample) -> float:
    """10 log10(1 / mean square error)."""
    return float(10 * np.log10(1 / np.square(result - sample.reference).mean()))


def psnr_affine(result: Image, sample: Sample) -> float:
    """PSNR of the least-squares line through the scatter of reference over result."""
    columns = np.stack([result.ravel(), np.ones(result.size)], axis=1)
    line = np.linalg.lstsq(columns, sample.reference.ravel().astype(np.float64), rcond=None)[0]
    return psnr((columns @ line).reshape(result.shape), sample)


def ssim(result: Image, sample: Sample) -> float:
    """SSIM of scikit-image with the settings of Wang et al. (2004)."""
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    return float(structural_similarity(result, sample.reference.astype(np.float64), **settings))


def mae(result: Image, sample: Sample) -> float:
    """Mean absolute error."""
    return float(np.abs(result - sample.reference).mean())


def cnr(result: Image, sample: Sample) -> float:
    """|m1 - m2| / sqrt(s1^2 + s2^2), the mean over the pairs of regions."""
    return float(np.mean([abs(a.mean() - b.mean()) / np.hypot(a.std(), b.std()) for a, b in _pairs(result, sample)]))


def gcnr(result: Image, sample: Sample) -> float:
    """1 minus the overlap of histograms of 256 bins, the mean over the pairs of regions."""
    found = []
    for pair in _pairs(result, sample):
        first, second = (np.histogram(values, 256, (0, 1))[0] / values.size for values in pair)
        found.append(1 - np.minimum(first, second).sum())
    return float(np.mean(found))


def ssnr(result: Image, sample: Sample) -> float:
    """Mean over standard deviation, the mean over the homogeneous regions."""
    regions = [result[sample.rois.masks[name]] for name in sample.rois.homogeneous]
    return float(np.mean([values.mean() / values.std() for values in regions]))


def grain_kept(result: Image, sample: Sample) -> float:
    """Deviation of the image minus itself smoothed by 5 pixels, in the quiet windows, over the input's."""
    fine = []
    for image in (result, np.asarray(sample.image, np.float64)):
        detail = image - gaussian_filter(image, 5, mode="nearest")
        windows = [detail[top : top + side, left : left + side] for top, left, side in sample.lesions.windows]
        fine.append(np.sqrt(np.mean([np.square(window).mean() for window in windows])))
    return float(fine[0] / fine[1])


METRICS: dict[str, Callable[[Image, Sample], float]] = {
    function.__name__: function for function in (psnr, psnr_affine, ssim, mae, cnr, gcnr, ssnr, grain_kept)
}


def _pairs(result: Image, sample: Sample) -> list[tuple[Image, Image]]:
    masks = sample.rois.masks
    return [(result[masks[target]], result[masks[background]]) for target, background in sample.rois.contrast]


def candidates(folder: Path) -> pd.DataFrame:
    """Return the cells of the boards in a folder that can be recomputed here, a row each."""
    cells = pd.concat([pd.read_csv(folder / name) for name in ("simulated.csv", "real.csv")], ignore_index=True)
    usable = cells["metric"].isin(METRICS) & ~cells["method"].isin(SLOW) & np.isfinite(cells["mean"])
    complete = (cells[["failed", "skipped", "absent"]] == 0).all(axis=1)  # the mean is over all images
    return cells[usable & complete & (cells["n"] > 0)]


def recompute(cell: pd.Series) -> float:
    """Return the mean over images of a cell, from images alone."""
    method = usbench.load_method(cell["method"], **json.loads(cell["params"]))
    method.prepare("cpu")
    dataset = usbench.load_dataset(cell["dataset"], split=cell["split"])
    values = []
    for number in range(len(dataset)):
        sample = dataset[number]
        result = np.asarray(despeckle_sample(method, sample, "cpu"), np.float64)
        values.append(METRICS[cell["metric"]](result, sample))
    return float(np.mean(values))


def main() -> int:
    """Draw cells, recompute them and print both numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", type=Path, default=BOARDS, help="folder of the boards")
    parser.add_argument("--count", type=int, default=10, help="how many numbers")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    given = parser.parse_args()
    found = candidates(given.boards)
    differences = []
    for _, cell in found.sample(min(given.count, len(found)), random_state=given.seed).iterrows():
        again = recompute(cell)
        difference = abs(again - cell["mean"]) / max(abs(cell["mean"]), 1e-9)
        differences.append(difference)
        name = f"{cell['method']} on {cell['dataset']}, {cell['metric']}"
        print(f"{name:70s} {cell['mean']:12.6f} {again:12.6f}  {difference:.1e}", flush=True)
    worst = np.max(differences, initial=0.0)
    print(f"Of {len(found)} such numbers; the largest relative difference is {worst:.1e}.")
    return int(not worst <= LARGEST_DIFFERENCE)  # NaN is no agreement


if __name__ == "__main__":
    sys.exit(main())
