"""Whether metrics that the user named apply to any image of a run."""

from collections.abc import Sequence

from usbench.core.dataset import Dataset
from usbench.core.errors import UsageError, UsbenchError
from usbench.core.metric import Metric
from usbench.evaluation.sample_cache import load_sample


def refuse_inapplicable(metrics: Sequence[Metric], datasets: Sequence[Dataset], limit: int | None = None) -> None:
    """Refuse metrics of which none applies to any image; images are read until one of them does.

    Parameters
    ----------
    metrics
        Those that the user named.
    datasets, limit
        Of the run, and how many images of each.

    Raises
    ------
    UsageError
        With what the images lack.
    """
    reasons: dict[str, str] = {}
    for dataset in datasets:
        for index in range(min(len(dataset), limit or len(dataset))):
            try:
                sample = load_sample(dataset, index)
            except UsbenchError:  # the run says so in the image's row
                return
            for metric in metrics:
                if not (reason := metric.missing(sample)):
                    return
                reasons.setdefault(metric.name, reason)
    if reasons:
        named = ", ".join(f"{name} ({reason})" for name, reason in reasons.items())
        some = next(iter(reasons))
        raise UsageError(f"Nothing to measure on these images: {named}. `usbench show {some}` says what it needs.")
