"""How time grows with the size of the image, as a picture."""

from pathlib import Path
from typing import Any

import pandas as pd

from usbench.board.speed import MACHINE
from usbench.errors import StoreError

LEAST_SIZES = 4
DOTS_PER_INCH = 150
MARKERS = "os^vD"  # the next one when the ten colours are used up


def growth_figure(rows: pd.DataFrame, path: Path) -> bool:
    """Draw nanoseconds a pixel against the side of the image, a line per method; return whether there was anything.

    A method whose time grows linearly with the pixels has a level line. Only methods that were timed at four sizes or
    more appear.

    Parameters
    ----------
    rows
        As `current_speeds` returns them.
    path
        The PNG file to write.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    if not len(rows):
        return False
    single = rows[(rows["batch"] == 1) & (rows["status"] == "ok")].sort_values("size")
    lines = [(name, line) for name, line in single.groupby(["method", *MACHINE]) if len(line) >= LEAST_SIZES]
    if not lines:
        return False
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    machines = len({name[1:] for name, _ in lines})
    for place, ((method, hardware, *_), line) in enumerate(lines):
        nanoseconds = 1e6 * line["median_ms"] / line["size"] ** 2
        axes.plot(
            line["size"],
            nanoseconds,
            marker=MARKERS[place // 10 % len(MARKERS)],
            label=f"{method}, {hardware}" if machines > 1 else method,
        )
    sizes = sorted({int(size) for _, line in lines for size in line["size"]})
    axes.set(xscale="log", yscale="log", xlabel="side of the image, pixels", ylabel="ns a pixel")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set_title("Level lines grow linearly with the pixels", loc="left", fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
    except OSError as error:
        raise StoreError(f"The figure cannot be written to {path}: {error.strerror or error}.") from None
    return True
