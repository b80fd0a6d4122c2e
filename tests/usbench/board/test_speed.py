"""The speed board and the picture of growth."""

import csv
import io

import pandas as pd

from usbench.board.growth import growth_figure
from usbench.board.markdown import speed_markdown
from usbench.board.speed import SpeedTable, current_speeds, speed_csv, speed_tables


def row(method="a", size=256, batch=1, median=4.0, **changes):
    known = {
        "method": method, "params": "{}", "device": "cpu", "hardware": "Abacus", "threads": 2, "size": size,
        "batch": batch, "median_ms": median, "iqr_ms": 0.1, "rounds": 9, "prepare_s": 0.5, "peak_mib": 12.0,
        "device_mib": None, "parameters": None, "macs": None, "load": 0.0, "busy": False, "busy_ratio": None,
        "taken": "2026-01-01", "status": "ok", "reason": "", "key": "k",
    }  # fmt: skip
    return known | changes


def speeds(*rows):
    return current_speeds(pd.DataFrame(list(rows)))


def tables(*rows) -> list[SpeedTable]:
    return speed_tables(speeds(*rows))


def test_the_newest_figure_counts_and_throughput_follows_from_the_batch():
    found = speeds(row(median=9.0), row(median=4.0, taken="2026-02-01"), row(batch=8, median=16.0))
    assert found["median_ms"].tolist() == [4.0, 16.0]
    assert found["images_per_s"].tolist() == [250.0, 500.0]


def test_each_machine_has_a_table_the_fastest_method_stands_first_and_busy_figures_are_marked():
    text = speed_markdown(
        tables(
            row("slow", median=9.0),
            row("fast", median=1.25, busy=True),
            row("net", median=5.0, parameters=2101796, macs=2.2e9, busy_ratio=2.14),
            row("elsewhere", hardware="Colossus"),
            row("broken", size=None, batch=None, median=None, status="failed", reason="no"),
        ),
        {"slow": "not for sale"},
    )
    first, second = text.split("## Abacus")[1].split("## Colossus")
    assert first.index("| fast |") < first.index("| net |") < first.index("| slow † |") < first.index("| broken |")
    assert "~1.25 ± 0.1" in first
    assert "2,101,796 | 2.20 |" in first
    head, net = (next(line.split(" | ") for line in first.splitlines() if part in line) for part in ("busy /", "| net"))
    assert net[next(place for place, name in enumerate(head) if "busy /" in name)] == "2.1"
    assert "| broken | failed |" in first
    assert "elsewhere" in second
    assert "† slow: not for sale" in text


def test_methods_are_compared_at_the_size_that_most_of_them_have():
    text = speed_markdown(
        tables(
            row("small too", size=128, median=0.5, peak_mib=1.0, macs=1e9),
            row("small too", median=9.0, peak_mib=4.0, macs=4e9),
            row("large too", median=3.0, peak_mib=2.0),
            row("large too", size=1024, median=48.0, peak_mib=32.0),
            row("huge alone", size=1024, median=1.0, peak_mib=8.0),
        ),
        {},
    )
    head = next(line for line in text.splitlines() if line.startswith("| method"))
    assert "memory at 256², MiB ↓" in head
    assert "GMAC at 256²" in head
    assert text.index("| large too |") < text.index("| small too |") < text.index("| huge alone |")
    lines = {line.split(" | ")[0].strip("| "): line.strip("| ").split(" | ") for line in text.splitlines()}
    memory, work = (head.strip("| ").split(" | ").index(name) for name in ("memory at 256², MiB ↓", "GMAC at 256²"))
    assert [lines[name][memory] for name in ("small too", "large too", "huge alone")] == ["4.0", "2.0", "–"]
    assert lines["small too"][work] == "4.00"


def test_no_figures_make_an_empty_page():
    assert speed_markdown([], {}).startswith("# Speed")
    assert len(speed_csv(pd.DataFrame()).splitlines()) == 1


def test_csv_has_a_line_for_each_figure():
    table = list(csv.DictReader(io.StringIO(speed_csv(speeds(row(), row(size=512, median=16.0))))))
    assert [(line["size"], float(line["median_ms"])) for line in table] == [("256", 4.0), ("512", 16.0)]
    assert table[0]["macs"] == ""


def test_growth_is_drawn_where_there_are_sizes_enough_and_twice_the_same(tmp_path):
    few = speeds(row(), row(size=512))
    assert not growth_figure(few, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
    sizes = (128, 256, 512, 1024)
    enough = speeds(*(row(size=size, median=size**2 * 1e-4, busy_ratio=1.5 + size / 1024) for size in sizes))
    paths = [tmp_path / name for name in ("one.png", "two.png")]
    assert all(growth_figure(enough, path) for path in paths)
    assert paths[0].read_bytes() == paths[1].read_bytes()
