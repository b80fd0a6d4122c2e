"""Export a trained network to ONNX."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from usbench.core.errors import MethodError, UsageError
from usbench.core.method import Method
from usbench.weights.shards import load_weights, read_index

if TYPE_CHECKING:
    from torch import nn

SAME = 1e-4  # of the grey range: largest accepted difference of ONNX and torch
SMALLEST = 32  # pixels; padding of smaller images depends on their size
LARGEST = 2**15
OTHER = (13, 50)  # pixels by which the second test image is larger


@dataclass(frozen=True)
class Exported:
    """Result of an export.

    Attributes
    ----------
    sizes
        Heights and widths of the images on which it was compared with torch; empty if onnxruntime is not installed.
    apart
        The largest difference from torch.
    fixed
        The only height and width that the graph takes; None if it takes any from 32 pixels.
    """

    sizes: tuple[tuple[int, int], ...]
    apart: float
    fixed: tuple[int, int] | None


def export_onnx(method: Method, file: Path, size: tuple[int, int] = (256, 256)) -> Exported:
    """Write a network with its weights, in float32, as a graph from `image` to `despeckled`, (1, 1, H, W) in [0, 1].

    The graph of a diffusion also takes standard normal `noise`, (steps, draws, H, W), and also returns `uncertainty`.

    Parameters
    ----------
    method
        A trained method, with `card_of_weights()` and `build(about)`. If its result is more than one call of its
        network, it also has `graph(network)`: a module with `inputs`, the first two extents by name, `image` first;
        `outputs`, their names; and the `tiling` of the network.
    file
        To write.
    size
        Of the image on which the result is compared with torch; a second image is larger.

    Raises
    ------
    UsageError
        If the method is not a trained network, a package is missing, or the network does not take the size.
    MethodError
        If the results of the graph differ from torch; the file is then not kept.
    """
    if not (hasattr(method, "card_of_weights") and hasattr(method, "build")):
        raise UsageError(f"{method.label} is not a trained network; only these can be exported to ONNX.")
    _import("onnx", "onnxscript")
    graph = _graph(method)
    tiling: Any = graph.tiling
    fixed = (tiling.size, tiling.size) if tiling.fixed else None
    if fixed and size != fixed:
        raise UsageError(
            f"{method.name} takes only images of {fixed[0]} x {fixed[1]} pixels, not {size[0]} x {size[1]}."
        )
    if min(size) < SMALLEST:
        raise UsageError(f"The size {size[0]} x {size[1]} is too small; expected {SMALLEST} pixels or more a side.")
    partial = file.with_name(file.name + ".partial")
    try:
        _write(graph, partial, size, dynamic=not fixed)
        sizes = (size,) if fixed else (size, (size[0] + OTHER[0], size[1] + OTHER[1]))
        checked = _apart(graph, partial, sizes)
        if checked is not None and not checked <= SAME:
            raise MethodError(
                f"The ONNX graph of {method.label} is {checked:.1g} from torch; expected at most {SAME:g}."
            )
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    return Exported(() if checked is None else sizes, checked or 0.0, fixed)


def _graph(method: Any) -> "nn.Module":
    from torch import nn

    class Clamped(nn.Module):
        """Return the network's result, as `despeckle` does."""

        inputs: ClassVar = {"image": (1, 1)}
        outputs = ("despeckled",)

        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network, self.tiling = network, network.tiling

        def forward(self, image: Any) -> Any:
            return (self.network(image).clamp(0, 1),)

    index = method.card_of_weights()
    network = method.build(read_index(index))
    network.load_state_dict(load_weights(index))
    graph = method.graph(network) if hasattr(method, "graph") else Clamped(network)
    return graph.eval().requires_grad_(False)


def _write(graph: Any, file: Path, size: tuple[int, int], dynamic: bool) -> None:
    import torch

    # different odd extents, so that torch does not take a special case for a rule
    extents = (70, 94) if dynamic else size
    height, width = (torch.export.Dim(name, min=SMALLEST, max=LARGEST) for name in ("height", "width"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "# The axis name", UserWarning)  # all inputs have the same height and width
        torch.onnx.export(
            graph,
            tuple(torch.zeros(*leading, *extents) for leading in graph.inputs.values()),
            file,
            dynamo=True,
            external_data=False,
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_shapes=tuple({2: height, 3: width} for _ in graph.inputs) if dynamic else None,
            verbose=False,
        )


def _apart(graph: Any, file: Path, sizes: tuple[tuple[int, int], ...]) -> float | None:
    """Return the largest difference between onnxruntime and torch; None if onnxruntime is not installed."""
    import numpy as np
    import torch

    try:
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    worst = 0.0
    for size in sizes:
        given = {"image": rng.random((1, 1, *size), np.float32)}
        given |= {
            name: rng.standard_normal((*leading, *size), np.float32)
            for name, leading in graph.inputs.items()
            if name != "image"
        }
        expected = graph(*map(torch.from_numpy, given.values()))
        for made, wanted in zip(session.run(None, given), expected, strict=True):
            worst = max(worst, float(np.abs(made - wanted.numpy()).max()))
    return worst


def _import(*packages: str) -> None:
    import importlib.util

    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise UsageError(f"Exporting needs the package {package}: pip install 'usbench[onnx]'.")
