"""Figure of how time grows with the size of the image."""

from pathlib import Path
from typing import Any, cast

import pandas as pd

from usbench.board.drawing import with_plain_texts
from usbench.board.speed import MACHINE
from usbench.core.errors import StoreError

LEAST_SIZES = 4
DOTS_PER_INCH = 150
COLOURS = 10
MARKERS = "os^vD"  # the next one when the colours are used up


@with_plain_texts
def growth_figure(rows: pd.DataFrame, path: Path) -> bool:
    """Draw nanoseconds per pixel against the side of the image, and return whether there was anything to draw.

    There is a column per machine and a line per method: quiet medians, level where time grows linearly with the pixels,
    and below them the time beside as many busy processes as cores over the quiet one. Only methods that were timed at
    four sizes or more are shown.

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

    machines = list(dict.fromkeys(name[1:] for name, _ in lines))
    methods = list(dict.fromkeys(name[0] for name, _ in lines))
    figure = Figure(figsize=(3 + 3.5 * len(machines), 6.5), layout="constrained")
    FigureCanvasAgg(figure)
    panels, ratios = cast(
        Any, figure.subplots(2, len(machines), sharex=True, sharey="row", squeeze=False, height_ratios=(2, 1))
    )
    sizes = sorted({int(size) for _, line in lines for size in line["size"]})
    for panel, ratio, machine in zip(panels, ratios, machines, strict=True):
        for method, line in ((name[0], line) for name, line in lines if name[1:] == machine):
            place = methods.index(method)
            style = {"color": f"C{place % COLOURS}", "marker": MARKERS[place // COLOURS % len(MARKERS)]}
            panel.plot(line["size"], 1e6 * line["median_ms"] / line["size"] ** 2, label=method, **style)
            if "busy_ratio" in line:
                ratio.plot(line["size"], line["busy_ratio"], **style)
        hardware, device, threads = machine
        panel.set(xscale="log", yscale="log")
        ratio.set(xlabel="side of the image, pixels")
        ratio.axhline(2, color="0.6", linewidth=0.8, zorder=0)
        ratio.grid(alpha=0.3)
        panel.set_xticks(sizes, [str(size) for size in sizes])
        panel.yaxis.set_major_formatter("{x:g}")  # the scale's own is written in mathematics, which texts here are not
        panel.minorticks_off()
        panel.set_title(f"{hardware}, {device}, {threads} threads", loc="left", fontsize=9)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("ns a pixel, quiet")
    ratios[0].set_ylabel("busy / quiet")
    title = "Level lines grow linearly with the pixels; 2 is a fair share beside busy neighbours"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    keys = {key: handle for panel in panels for handle, key in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(list(keys.values()), list(keys), fontsize=8, loc="outside right center")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None})
    except OSError as error:
        raise StoreError(f"The figure cannot be written to {path}: {error.strerror or error}.") from None
    return True
