"""Methods that win a metric without despeckling are seen through: with made-up numbers, and run for real."""

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows
from pools import units_here
from program_files import plugin_file

from usbench import registry
from usbench.board.flags import flags, legend
from usbench.board.scores import boards
from usbench.board.summary import summarise
from usbench.cli.app import run_command

METRICS = {plugin.name: plugin.target for plugin in registry.plugins("metrics") if not plugin.broken}

INPUT = {"psnr": 20.0, "psnr_affine": 20.5, "ssim": 0.30, "epi_beta": 0.2, "fom": 0.5, "ratio_structure": 0.0}
HONEST = {"psnr": 26.0, "psnr_affine": 26.5, "ssim": 0.80, "epi_beta": 0.4, "fom": 0.6, "ratio_structure": 0.1}
REAL_INPUT = {"gcnr": 0.8, "edge_width": 4.0, "ratio_mean": 1.0, "ratio_variance": 0.0, "ratio_structure": 0.0}
REAL_HONEST = {"gcnr": 0.9, "edge_width": 4.5, "ratio_mean": 1.02, "ratio_variance": 0.8, "ratio_structure": 0.1}


def letters(scores: dict, **columns) -> str:
    """The flags of the method `m`."""
    (board,) = boards(made_up_rows(scores, **columns), METRICS)
    found = dict(zip((setting.method for setting in board.settings), flags(board), strict=True))
    return found["m"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({**INPUT, "psnr": 20.04, "ssim": 0.304, "epi_beta": 0.209}, "P"),
        ({**INPUT, "psnr": 20.06}, ""),
        ({**INPUT, "ssim": 0.306}, ""),
        ({**INPUT, "epi_beta": 0.18}, ""),
        ({"fom": 0.299}, "O"),
        ({"fom": 0.301}, ""),
        ({"fom": 0.1, "epi_ratio": 0.99}, "O"),
        ({"fom": 0.1, "epi_ratio": 1.01}, ""),  # edges drown in what is left of the speckle
        ({"fom": 0.4, "epi_ratio": 0.2}, ""),
        ({"psnr": 22.9}, "B"),
        ({"psnr": 23.1}, ""),
        ({"ratio_structure": 0.51}, "S"),
        ({"fom": 0.0, "psnr": 15.0, "ratio_structure": 0.9}, "OBS"),
    ],
)
def test_flags_with_a_reference(changes, expected):
    assert letters({"identity": INPUT, "m": HONEST | changes}) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"ratio_variance": 0.019}, "P"),
        ({"ratio_variance": 0.021}, ""),
        ({"gcnr": 0.39}, "O"),
        ({"edge_width": 8.1}, "O"),
        ({"edge_width": 7.9}, ""),
        ({"ratio_mean": 1.11}, "B"),
        ({"ratio_mean": 0.89}, "B"),
        ({"ratio_mean": 1.09}, ""),
        ({"ratio_structure": 0.6}, "S"),
    ],
)
def test_flags_without_a_reference(changes, expected):
    assert letters({"identity": REAL_INPUT, "m": REAL_HONEST | changes}, kind="real") == expected


def test_one_image_that_was_touched_is_no_pass_through():
    psnr = np.full(12, 20.0)
    psnr[7] = 21.0
    assert letters({"identity": INPUT, "m": {**INPUT, "psnr": psnr}}) == ""
    assert letters({"identity": INPUT, "m": INPUT}) == "P"


def test_without_the_untouched_input_or_metrics_there_are_no_suspicions_of_what_needs_them():
    assert letters({"m": HONEST | {"fom": 0.0}}) == ""
    assert letters({"m": {"psnr": 20.0}, "identity": {"psnr": 20.0}}) == ""
    assert letters({"m": HONEST | {"ratio_structure": np.nan}}) == ""


def test_the_legend_explains_every_flag_with_its_thresholds():
    text = " ".join(legend())
    for part in ("P (pass-through)", "O (oversmoothed)", "B (brightness-shifted)", "S (structure", "0.05 dB", "3 dB"):
        assert part in text


@pytest.fixture(scope="module")
def cells(tmp_path_factory) -> pd.DataFrame:
    """Every cell of the guards run for real: simulated cysts, MRI slices and real images."""
    folder = tmp_path_factory.mktemp("guard")
    methods = [
        "gan-d",
        "median",
        "lee",
        "constant",
        "gaussian[sigma=8]",
        str(plugin_file(folder, "brighter")),
        str(plugin_file(folder, "nothing")),
    ]
    datasets = ["phantom[count=2]+psf", "mri+psf", "echo"]
    metrics = [*HONEST, *REAL_HONEST, "epi_ratio"]  # those of the flags
    arguments = ["run", "--results", str(folder / "rows"), "--limit", "2", "--no-timing", "--workers", "1", "--json"]
    for option, names in (("-m", methods), ("-d", datasets), ("--metric=", dict.fromkeys(metrics))):
        arguments += [f"{option}{name}" for name in names]
    with units_here():
        assert run_command(arguments) == 0
    from usbench.bench.store import Store

    boards = summarise(Store(folder / "rows").read(), METRICS)
    return pd.DataFrame(
        {"dataset": board.dataset, "method": line.method, "flags": line.flags, "metric": metric, "mean": cell.mean,
         "n": cell.n, "place": cell.place, "best": cell.best}
        for board in boards for line in board.lines for metric, cell in line.cells.items()
    )  # fmt: skip


@pytest.mark.full
def test_guards_that_are_run_are_flagged(cells):
    found = cells.groupby(["dataset", "method"])["flags"].first().unstack(0)
    assert (found.loc["identity"] == "P").all()
    assert (found.loc["nothing"] == "P").all()
    assert found.loc["constant"].str.contains("O").all()
    assert found.loc["gaussian[sigma=8]"].str.contains("O").all()
    assert found.loc["gaussian[sigma=8]"].str.contains("S").sum() >= 2
    assert found.loc["brighter"].str.contains("B").sum() >= 2
    assert found.loc["brighter", "mri+psf"] == "B"
    assert not found.loc["gan-d"].drop("echo").str.contains("[POB]").any()  # on echo it is flagged
    assert not found.loc["median"].str.contains("[POB]").any()
    assert not found.loc["lee"].str.contains("[POB]").any()


@pytest.mark.parametrize(
    ("dataset", "metric"), [("phantom[count=2]+psf", "psnr_affine"), ("mri+psf", "psnr_affine"), ("echo", "gcnr")]
)
def test_a_moderate_filter_is_ahead_of_the_oversmoothed_and_of_the_untouched(cells, dataset, metric):
    places = cells[(cells.dataset == dataset) & (cells.metric == metric)].set_index("method")["place"]
    assert places["constant"] == places.max()
    assert places["lee"] < places["gaussian[sigma=8]"]
    assert places["lee"] < places["identity"]
    assert places["lee"] < places["nothing"]


@pytest.mark.parametrize("dataset", ["phantom[count=2]+psf", "mri+psf"])
def test_gan_d_is_nearer_to_the_expected_display_than_its_input_and_than_the_oversmoothed(cells, dataset):
    for metric in ("psnr_affine", "ssim"):
        means = cells[(cells.dataset == dataset) & (cells.metric == metric)].set_index("method")["mean"]
        assert means["gan-d"] > means["identity"], metric
        assert means["gan-d"] > means["gaussian[sigma=8]"], metric
    own = cells[(cells.dataset == dataset) & (cells.method == "gan-d")]
    assert own["place"].isna().all() == dataset.startswith("mri")  # it was trained on other images of this source
    assert not (dataset.startswith("mri") and own["best"].any())


def test_where_nothing_else_speaks_against_it_the_oversmoothed_stands_below(cells):
    echo = cells[(cells.dataset == "echo") & (cells.metric == "gcnr")].set_index("method")
    assert echo["mean"].idxmax() == "gaussian[sigma=8]"
    assert echo.loc["gaussian[sigma=8]", "place"] == len(echo) - 1
    assert echo["best"].idxmax() == echo["mean"].drop(["gaussian[sigma=8]", "constant", "identity"]).idxmax()


def test_controls_never_lead(cells):
    assert not cells[cells.method.isin(["identity", "constant"])]["best"].any()
    assert cells[cells.n > 0].groupby(["dataset", "metric"])["best"].sum().max() == 1
