"""Draw the pictures of `docs/judging.md` and `docs/tutorial.md`: `python docs/recipes/pictures.py docs/assets`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

import usbench

DRAWS = 256


def expected_display() -> dict[str, np.ndarray]:
    """Return a drawing, its image, the mean of many images, and the reference."""
    drawing = usbench.load_dataset("phantom")[0]
    simulator = usbench.load_simulator("psf")
    draws = [simulator.simulate_sample(drawing, np.random.default_rng(seed)).image for seed in range(DRAWS)]
    reference = simulator.simulate_sample(drawing, np.random.default_rng(0)).reference
    return {
        "drawing": drawing.image,
        "one image of it": draws[0],
        f"mean of {DRAWS} images": np.mean(draws, axis=0),
        "reference: expected display": reference,
    }


def insertion() -> dict[str, np.ndarray]:
    """Return a frame with lesions, the lesions, and what is left of them after two methods."""
    sample = usbench.load_dataset("echo+lesions")[0]
    lesions = sample.lesions
    shown = {"frame with lesions": lesions.image, "lesions": _about_grey(lesions.offset)}
    for title, name in (("Gaussian, σ = 2", "blur[sigma=2]"), ("gan-d", "gan-d")):
        method = usbench.load_method(name)
        method.prepare("cpu")
        without, with_lesions = (_despeckled(method, image) for image in (sample.image, lesions.image))
        shown[f"what {title} leaves of them"] = _about_grey(with_lesions - without)
    return shown


def _despeckled(method: usbench.Method, image: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return method.despeckle(torch.from_numpy(image)[None, None]).numpy()[0, 0]


def _about_grey(change: np.ndarray) -> np.ndarray:
    return 0.5 + 1.5 * change


def save(panels: dict[str, np.ndarray], path: Path) -> None:
    """Write panels side by side as a PNG."""
    height, width = next(iter(panels.values())).shape
    figure = Figure(figsize=(2.2 * len(panels), 2.1 * height / width + 0.3), dpi=110, layout="constrained")
    for axis, (title, panel) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        axis.imshow(panel, cmap="gray", vmin=0, vmax=1, interpolation="none")
        axis.set_title(title, fontsize=8)
        axis.set_axis_off()
    figure.savefig(path, pil_kwargs={"optimize": True})


def tutorial(path: Path) -> None:
    """Draw what the filter of the tutorial does, with the command that is given there."""
    page = (Path(__file__).parents[1] / "tutorial.md").read_text(encoding="utf-8")
    block = re.search(r'```python title="my_filter.py"\n(.*?)```', page, re.DOTALL)
    assert block, "the tutorial has no filter"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "my_filter.py")
        file.write_text(block[1], encoding="utf-8")
        command = ["usbench", "picture", "-m", str(file), "-m", "median", "-d", "phantom+psf", "--out", str(path)]
        subprocess.run([sys.executable, "-m", *command], check=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    save(expected_display(), folder / "expected-display.png")
    save(insertion(), folder / "inserted-lesions.png")
    tutorial(folder.resolve() / "tutorial.png")
