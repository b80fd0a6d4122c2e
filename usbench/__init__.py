"""usbench: benchmark and evaluation suite for ultrasound despeckling.

Examples
--------
>>> import usbench
>>> method = usbench.load_method("median", size=5)
>>> dataset = usbench.load_dataset("phantom[count=2]+psf")
>>> frame = usbench.evaluate(method, dataset)
>>> bool((frame["gcnr"] > 0.5).all())
True
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from usbench.bench.evaluate import evaluate
    from usbench.conformance import check_plugin
    from usbench.dataset import Dataset, DatasetCard
    from usbench.errors import UsbenchError
    from usbench.method import Method, MethodCard, PlaneMethod, numpy_method
    from usbench.metric import Metric
    from usbench.registry import load_dataset, load_method, load_metric, load_simulator
    from usbench.sample import Rois, Sample
    from usbench.simulator import Simulated, Simulator, SimulatorCard

# Public name -> its module, imported when the name is first used: `import usbench` costs nothing.
_HOMES = {
    "evaluate": "usbench.bench.evaluate",
    "check_plugin": "usbench.conformance",
    "Dataset": "usbench.dataset",
    "DatasetCard": "usbench.dataset",
    "UsbenchError": "usbench.errors",
    "Method": "usbench.method",
    "MethodCard": "usbench.method",
    "PlaneMethod": "usbench.method",
    "numpy_method": "usbench.method",
    "Metric": "usbench.metric",
    "load_dataset": "usbench.registry",
    "load_method": "usbench.registry",
    "load_metric": "usbench.registry",
    "load_simulator": "usbench.registry",
    "Rois": "usbench.sample",
    "Sample": "usbench.sample",
    "Simulated": "usbench.simulator",
    "Simulator": "usbench.simulator",
    "SimulatorCard": "usbench.simulator",
}

__all__ = [
    "Dataset",
    "DatasetCard",
    "Method",
    "MethodCard",
    "Metric",
    "PlaneMethod",
    "Rois",
    "Sample",
    "Simulated",
    "Simulator",
    "SimulatorCard",
    "UsbenchError",
    "check_plugin",
    "evaluate",
    "load_dataset",
    "load_method",
    "load_metric",
    "load_simulator",
    "numpy_method",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'usbench' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
