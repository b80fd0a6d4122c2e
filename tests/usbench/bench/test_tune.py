"""Tuning: on validation images alone, resumable, within its budget, and told in every row."""

import json

import pytest
from watchers import Silent

import usbench
from usbench import registry
from usbench.bench.session import Request, run
from usbench.bench.store import Store
from usbench.bench.tune import find_tuned, tune
from usbench.board.leaderboards import Leaderboards
from usbench.board.summary import summarise
from usbench.board.tables import write_tables
from usbench.core.errors import UsageError
from usbench.core.search_space import Choice, Real, Whole

DATASET = "phantom[count=3]+psf"


def method_names():
    return [name for name in registry.names("methods") if registry.find("methods", name).target.space]


@pytest.mark.parametrize("name", method_names())
def test_spaces_hold_the_methods_parameters_and_their_ends_are_valid(name):
    cls = registry.find("methods", name).target
    for parameter, part in cls.space.items():
        assert parameter in cls.defaults()
        ends = part.values if isinstance(part, Choice) else (part.low, part.high)
        for value in ends:
            assert part.holds(cls.create({parameter: value}).values()[parameter])


def test_every_classical_filter_with_parameters_can_be_tuned():
    untunable = {name for name in registry.names("methods") if name not in method_names()}
    trained = {plugin.name for plugin in registry.plugins("methods") if plugin.target.card.family.startswith("deep")}
    assert "gan-d" in trained
    assert untunable - trained == {"identity", "constant", "nagao"}


def test_a_space_knows_what_it_holds():
    assert Whole(3, 11, step=2).holds(7)
    assert not Whole(3, 11, step=2).holds(6)
    assert not Real(0.1, 1).holds(2)
    assert Choice(("a", "b")).holds("b")


def test_tuning_improves_on_the_defaults_and_says_how(tmp_path):
    tuned = tune("gaussian", DATASET, tmp_path, trials=6, images=2)
    assert (tuned.metric, tuned.split, tuned.trials, tuned.images) == ("ssim", "val", 6, 2)
    assert tuned.value >= tuned.default
    dataset = usbench.load_dataset(DATASET, split="val")
    scored = usbench.evaluate(usbench.load_method(tuned.name), dataset, [usbench.load_metric("ssim")])["ssim"]
    assert scored.iloc[:2].mean() == pytest.approx(tuned.value)
    assert find_tuned("gaussian", dataset, tmp_path) == tuned
    assert find_tuned("gaussian[sigma=1]", dataset, tmp_path) is None
    assert find_tuned("median", dataset, tmp_path) is None


def test_a_search_goes_on_where_it_was(tmp_path):
    seen: list[int] = []
    tune("median", DATASET, tmp_path, trials=2, images=1, progress=lambda done, *_: seen.append(done))
    tune("median", DATASET, tmp_path, trials=4, images=1, progress=lambda done, *_: seen.append(done))
    assert seen == [1, 2, 3, 4]
    tune("median", DATASET, tmp_path, trials=4, images=1, progress=lambda done, *_: seen.append(done))
    assert seen == [1, 2, 3, 4]


def test_fixed_parameters_stay(tmp_path):
    tuned = tune("bilateral[size=5]", DATASET, tmp_path, trials=3, images=1)
    assert tuned.parameters["size"] == 5
    assert set(tuned.parameters) == {"size", "sigma_spatial", "sigma_range"}


@pytest.mark.parametrize("split", ["test", "train"])
def test_nothing_is_tuned_on_other_splits(tmp_path, split):
    with pytest.raises(UsageError, match="only on 'val'"):
        tune("median", DATASET, tmp_path, split=split)


def test_a_set_whose_validation_images_are_test_images_is_refused(tmp_path):
    from usbench.io import write_image

    write_image(tmp_path / "a.png", usbench.load_dataset(DATASET)[0].image)
    with pytest.raises(UsageError, match="is a test image too"):
        tune("median", f"folder:{tmp_path}", tmp_path / "results")


def test_a_method_without_a_space_is_refused(tmp_path):
    with pytest.raises(UsageError, match="declares no parameters to tune"):
        tune("identity", DATASET, tmp_path)


def test_the_objective_on_real_images_is_gcnr(tmp_path):
    assert tune("mean", "echo", tmp_path, trials=1, images=1).metric == "gcnr"


def test_a_setting_tuned_on_other_data_is_refused(tmp_path):
    tune("mean", DATASET, tmp_path, trials=1, images=1)
    (path,) = (tmp_path / "tuning").glob("*/mean.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data_hash": "0" * 16}))
    with pytest.raises(UsageError, match="tuned on another version"):
        find_tuned("mean", usbench.load_dataset(DATASET), tmp_path)


def test_rows_and_leaderboards_show_defaults_and_tuned_with_budget_and_split(tmp_path):
    tuned = tune("gaussian", DATASET, tmp_path, trials=4, images=1)
    request = Request(("gaussian",), (DATASET,), ("ssim",), timing=False, workers=1, tuned=True)
    result = run(request, tmp_path, Silent())
    rows = Store(tmp_path).read(result.keys)
    by_tuning = {key: set(part["method"]) for key, part in rows.groupby("tuning")}
    assert by_tuning[""] == {"identity", "gaussian"}
    (provenance,) = set(by_tuning) - {""}
    assert json.loads(provenance) == {
        "split": "val", "trials": 4, "images": 1, "metric": "ssim", "data_hash": tuned.data_hash,
    }  # fmt: skip
    assert (rows["split"] == "test").all()
    boards = summarise(rows, {"ssim": usbench.load_metric("ssim")})
    write_tables(Leaderboards(tuple(boards)), tmp_path / "boards")
    board = (tmp_path / "boards" / "simulated.md").read_text()
    assert "| gaussian |" in board
    assert "(tuned: ssim, 4 trials on 1 val images)" in board


def test_the_command_line_tunes_and_runs(usbench_command):
    done = usbench_command("tune", "mean", "-d", DATASET, "--trials", "2", "--images", "1")
    assert done.returncode == 0, done.stderr
    assert "at the defaults" in done.stdout
    refused = usbench_command("tune", "mean", "-d", DATASET, "--split", "test")
    assert refused.returncode == 2
    assert "so that the test stays one" in refused.stderr
    ran = usbench_command("run", "-m", "mean", "-d", DATASET, "--tuned", "--no-timing", "--limit", "1", "--json")
    assert ran.returncode == 0, ran.stderr
    assert {bool(entry["tuning"]) for entry in json.loads(ran.stdout)} == {True, False}
