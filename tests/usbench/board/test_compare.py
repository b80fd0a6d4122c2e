"""Two methods against each other."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows
from pools import units_here
from program_files import plugin_file
from scipy import stats

import usbench
from usbench.board.compare import compare
from usbench.board.scores import boards
from usbench.board.verdict import finding, verdict
from usbench.cli.app import run_command
from usbench.core.errors import UsageError

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssi", "ratio_mean")}
RNG = np.random.default_rng(4)
HARD = RNG.normal(0, 5, 20)


def contrasts(scores: dict, *, metrics=tuple(METRICS), **columns) -> list:
    return compare(boards(made_up_rows(scores, images=20, **columns), METRICS), "a", "b", metrics)


def test_who_is_better_by_how_much_and_how_surely():
    gains = 2 + RNG.normal(size=20)
    (found,) = contrasts({"a": {"psnr": 25 + HARD + gains}, "b": {"psnr": 25 + HARD}})
    assert found.gain == pytest.approx(gains.mean())
    assert found.low < found.gain < found.high
    assert found.high - found.low < 1.2 < HARD.std()  # of the paired difference, not of the scores
    assert found.p == pytest.approx(stats.wilcoxon(gains, method="exact").pvalue)
    assert found.winner == 0
    assert found.wins == (gains > 0).mean()
    assert found.apart[0][0] == f"s{gains.argmax():04}"
    assert "a is better than b by" in finding(found, "a", "b")
    assert verdict([found], "a", "b").startswith("a is better than b in 1 of 1 comparison and worse in 0; 0 are")


def test_lower_is_better_where_it_is_and_one_is_best_where_it_is():
    scores = {"a": {"ssi": 0.5 + HARD / 100, "ratio_mean": 1.3}, "b": {"ssi": 0.7 + HARD / 100, "ratio_mean": 0.9}}
    ssi, ratio = contrasts(scores)
    assert (ssi.winner, ssi.gain) == (0, pytest.approx(0.2))
    assert (ratio.winner, ratio.gain) == (1, pytest.approx(-0.2))
    assert "b is better than a by 0.200 of ratio_mean (nearer to 1) [0.200, 0.200]" in finding(ratio, "a", "b")


def test_p_is_corrected_for_every_contrast_shown():
    scores = {"a": {"psnr": HARD, "ssi": HARD}, "b": {"psnr": HARD[::-1] - 2, "ssi": HARD + 1}}
    (alone,) = contrasts(scores, metrics=("psnr",))
    psnr, ssi = contrasts(scores, metrics=("psnr", "ssi"))
    assert psnr.p == pytest.approx(max(alone.p, ssi.p))
    assert ssi.p == pytest.approx(2 * 2.0**-19)


def test_images_that_one_of_them_lost_are_left_out_of_both_and_counted():
    rows = made_up_rows({"a": {"psnr": 25 + HARD}, "b": {"psnr": 24 + HARD}, "identity": {"psnr": 10.0}}, images=20)
    rows.loc[(rows["method"] == "b") & (rows["sample"] < "s0003"), ["psnr", "status"]] = [np.nan, "failed"]
    (found,) = compare(boards(rows, METRICS), "a", "b", ["psnr"])
    assert (found.images, found.lost) == (17, 3)
    assert found.first - found.second == pytest.approx(1)


def test_below_18_groups_it_is_the_t_test():
    gains = np.repeat(2 + RNG.normal(size=5), 4)
    (found,) = contrasts({"a": {"psnr": 25 + gains}, "b": {"psnr": 25.0}}, group_size=4)
    expected = stats.ttest_1samp(gains[::4], 0)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-4)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-6)
    assert "(paired t test at 5 %, Holm over 1)" in verdict([found], "a", "b")


def test_too_few_groups_decide_nothing_and_the_sentence_says_so():
    (found,) = contrasts({"a": {"psnr": 30.0}, "b": {"psnr": 20.0}}, group_size=7)
    assert found.p is None
    assert np.isnan(found.low)
    assert found.winner is None
    assert "3 groups at most are too few for any test" in verdict([found], "a", "b")
    assert "neither confirm nor deny" in finding(found, "a", "b")


def test_the_default_setting_is_compared_where_there_is_a_tuned_one_of_the_same_name():
    rows = made_up_rows({"a": {"psnr": 30.0}}, tuning='{"metric": "ssim"}')
    rows = pd.concat([rows, made_up_rows({"a": {"psnr": 20.0}, "b": {"psnr": 10.0}})])
    (found,) = compare(boards(rows, METRICS), "a", "b", ["psnr"])
    assert found.gain == 10


@pytest.mark.full
def test_under_the_null_five_in_a_hundred_comparisons_find_something():
    """Of three metrics each: the level is that of the comparison, not of each metric."""
    rng, found, rounds = np.random.default_rng(5), 0, 400
    for _ in range(rounds):
        a, b = rng.normal(size=(2, 3, 20))
        made = contrasts({name: dict(zip(METRICS, values, strict=True)) for name, values in (("a", a), ("b", b))})
        found += any(contrast.winner is not None for contrast in made)
    assert 0.01 < found / rounds < 0.05 + 3 * np.sqrt(0.05 * 0.95 / rounds)


def test_nothing_in_common_and_the_same_method_are_usage_errors():
    with pytest.raises(UsageError, match="No data set has values of both a and b"):
        contrasts({"a": {"psnr": 1.0}})
    with pytest.raises(UsageError, match="with itself"):
        compare([], "a", "a", ["psnr"])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    half = str(plugin_file(folder, "half"))
    arguments = ["run", "-m", "lee", "-m", half, "-d", "phantom[count=6]+psf", "--no-timing", "--workers", "1"]
    with units_here():
        assert run_command([*arguments, "--results", str(folder / "rows"), "--json"]) == 0
    return folder


def test_the_command_says_it_in_a_sentence_and_a_table_and_draws(results, capsys):
    out = results / "apart.png"
    rows = ["--results", str(results / "rows")]
    half = str(results / "half.py")
    assert run_command(["compare", "lee", half, *rows, "--metric", "psnr", "--picture", str(out)]) == 0
    said = capsys.readouterr().out
    assert "lee is better than half in 1 of 1 comparison" in said
    assert "psnr ↑" in said
    assert "Furthest apart: test-000" in said
    from PIL import Image

    with Image.open(out) as picture:
        assert picture.width > 4 * 256
    assert run_command(["compare", "lee", str(results / "half.py"), *rows, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["contrasts"][0]["metric"] == "psnr_affine"
    assert len(found["contrasts"][0]["apart"]) == 3
    assert run_command(["compare", "lee", "hal", *rows]) == 2
    assert "Did you mean 'half'?" in capsys.readouterr().err
    assert run_command(["compare", "lee", "half", *rows, "--metric", "psn"]) == 2
