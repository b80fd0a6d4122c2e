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
    from usbench.api import compare, run
    from usbench.conformance import check_plugin
    from usbench.core.dataset import Dataset, DatasetCard
    from usbench.core.errors import UsbenchError
    from usbench.core.method import Method, MethodCard, PlaneMethod, numpy_method
    from usbench.core.metric import Metric
    from usbench.core.sample import Rois, Sample
    from usbench.core.search_space import Choice, Real, Whole, over
    from usbench.core.simulator import Simulated, Simulator, SimulatorCard
    from usbench.evaluation.evaluate import evaluate
    from usbench.registry import load_dataset, load_method, load_metric, load_simulator

# Public name -> its module, imported when the name is first used: `import usbench` costs nothing.
_HOMES = {
    "run": "usbench.api",
    "compare": "usbench.api",
    "evaluate": "usbench.evaluation.evaluate",
    "check_plugin": "usbench.conformance",
    "Dataset": "usbench.core.dataset",
    "DatasetCard": "usbench.core.dataset",
    "UsbenchError": "usbench.core.errors",
    "Method": "usbench.core.method",
    "MethodCard": "usbench.core.method",
    "PlaneMethod": "usbench.core.method",
    "numpy_method": "usbench.core.method",
    "Metric": "usbench.core.metric",
    "load_dataset": "usbench.registry",
    "load_method": "usbench.registry",
    "load_metric": "usbench.registry",
    "load_simulator": "usbench.registry",
    "Rois": "usbench.core.sample",
    "Choice": "usbench.core.search_space",
    "Real": "usbench.core.search_space",
    "Whole": "usbench.core.search_space",
    "over": "usbench.core.search_space",
    "Sample": "usbench.core.sample",
    "Simulated": "usbench.core.simulator",
    "Simulator": "usbench.core.simulator",
    "SimulatorCard": "usbench.core.simulator",
}

__all__ = [
    "Choice",
    "Dataset",
    "DatasetCard",
    "Method",
    "MethodCard",
    "Metric",
    "PlaneMethod",
    "Real",
    "Rois",
    "Sample",
    "Simulated",
    "Simulator",
    "SimulatorCard",
    "UsbenchError",
    "Whole",
    "check_plugin",
    "compare",
    "evaluate",
    "load_dataset",
    "load_method",
    "load_metric",
    "load_simulator",
    "numpy_method",
    "over",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'usbench' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
