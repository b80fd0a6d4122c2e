"""Tuning: on validation images alone, resumable, within its budget, and told in every row."""

import json
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from program_files import program
from watchers import Silent

import usbench
from usbench import registry
from usbench.bench.session import Request, run
from usbench.bench.store import Store
from usbench.bench.tune import find_tuned, tune
from usbench.bench.tune_search import Search, _score
from usbench.board.leaderboards import Leaderboards
from usbench.board.summary import summarise
from usbench.board.tables import write_tables
from usbench.cli.app import run_command
from usbench.core.errors import StoreError, UsageError
from usbench.core.search_space import Choice, Real, Whole

pytestmark = pytest.mark.usefixtures("in_process")

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
    families = {plugin.name: plugin.target.card.family for plugin in registry.plugins("methods")}
    assert families["gan-d"].startswith("deep")
    filters = {name for name in untunable if not families[name].startswith("deep") and families[name] != "control"}
    assert filters == {"nagao"}


def test_time_ends_every_search_in_all_calls_together(tmp_path, monkeypatch):
    monkeypatch.setattr(Search, "_took", lambda search: 10.0 * len(search.finished()))
    tuned = tune("gaussian", DATASET, tmp_path, trials=20, images=1, seeds=2, seconds=60)
    assert tuned.trials == 3
    assert tune("gaussian", DATASET, tmp_path, trials=20, images=1, seeds=2, seconds=60) == tuned
    assert tune("gaussian", DATASET, tmp_path, trials=20, images=1, seeds=2, seconds=81).trials == 5


def test_the_defaults_are_tried_however_long_they_take(tmp_path):
    assert tune("gaussian", DATASET, tmp_path, trials=20, images=1, seeds=1, seconds=1e-9).trials == 1


def test_defaults_outside_of_the_space_are_tried_and_can_win(tmp_path, monkeypatch):
    from usbench.methods.classical.wiener import Wiener

    assert Wiener().noise == 0  # from the image
    monkeypatch.setattr(Wiener, "space", {"noise": Real(5.0, 6.0, log=True)})  # no other setting is any good
    tuned = tune("wiener", DATASET, tmp_path, trials=3, images=1, seeds=1)
    assert tuned.parameters == {"noise": 0.0}
    assert tuned.value == tuned.default
    assert np.isfinite(tuned.default)
    assert tune("wiener", DATASET, tmp_path, trials=4, images=1, seeds=1).default == tuned.default


def test_the_defaults_are_tried_although_the_first_search_was_killed(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("usbench.bench.tune_search._score", kill)
        with pytest.raises(Killed):
            tune("gaussian", DATASET, tmp_path, trials=2, images=1, seeds=1)
    (study,) = (tmp_path / "tuning" / "studies").glob("*.sqlite")
    with sqlite3.connect(study) as connection:  # as a killed process leaves it
        connection.execute("UPDATE trials SET state = 'RUNNING'")
    expected = tune("gaussian", DATASET, tmp_path / "whole", trials=2, images=1, seeds=1)
    assert tune("gaussian", DATASET, tmp_path, trials=2, images=1, seeds=1).default == expected.default


def test_a_space_knows_what_it_holds():
    assert Whole(3, 11, step=2).holds(7)
    assert not Whole(3, 11, step=2).holds(6)
    assert not Real(0.1, 1).holds(2)
    assert Choice(("a", "b")).holds("b")


def test_tuning_improves_on_the_defaults_and_says_how(tmp_path):
    tuned = tune("gaussian", DATASET, tmp_path, trials=6, images=2, seeds=2)
    assert (tuned.metric, tuned.split, tuned.images, tuned.seeds) == ("psnr_affine", "val", 2, 2)
    assert tuned.trials >= 6
    assert tuned.value >= tuned.default
    assert tuned.spread >= 0
    dataset = usbench.load_dataset(DATASET, split="val")
    metric = usbench.load_metric("psnr_affine")
    scored = usbench.evaluate(usbench.load_method(tuned.name), dataset, [metric])["psnr_affine"]
    assert scored.iloc[:2].mean() == pytest.approx(tuned.value)
    assert find_tuned("gaussian", dataset, tmp_path) == tuned
    assert find_tuned("gaussian[sigma=1]", dataset, tmp_path) is None
    assert find_tuned("median", dataset, tmp_path) is None


def test_a_search_goes_on_where_it_was(tmp_path):
    seen: list[int] = []
    options = {"images": 1, "seeds": 1, "progress": lambda done, *_: seen.append(done)}
    tune("lpnd", DATASET, tmp_path, trials=2, **options)
    first = len(seen)
    tune("lpnd", DATASET, tmp_path, trials=first + 3, **options)
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= first + 3
    after = list(seen)
    tune("lpnd", DATASET, tmp_path, trials=first + 3, **options)
    assert seen == after


def test_first_trials_are_others_for_every_method_set_and_search(tmp_path):
    from optuna import load_study

    firsts = set()
    for name, dataset in (("gaussian", DATASET), ("gaussian", "phantom[count=3]+gamma"), ("lee", DATASET)):
        tune(name, dataset, tmp_path / name / dataset, trials=3, images=1, seeds=2)
    for file in tmp_path.rglob("*.sqlite"):
        study = load_study(study_name=None, storage=f"sqlite:///{file}")
        firsts |= {tuple(sorted(trial.params.items())) for trial in study.trials[1:3]}
    assert len(firsts) == 2 * 2 * 3


def test_a_space_is_widened_until_the_optimum_is_inside(tmp_path, monkeypatch):
    from usbench.methods.classical.gaussian import Gaussian

    monkeypatch.setattr(Gaussian, "space", {"sigma": Real(0.3, 0.6)})
    tuned = tune("gaussian", DATASET, tmp_path, trials=8, images=1, seeds=1)
    assert tuned.parameters["sigma"] > 0.6
    assert tuned.trials > 8


@pytest.mark.parametrize(
    ("part", "value", "wider"),
    [
        (Real(0.1, 1.0), 0.5, Real(0.1, 1.0)),
        (Real(0.1, 1.0), 1.0, Real(0.1, 1.45)),
        (Real(0.1, 1.0), 0.1, Real(0.05, 1.0)),
        (Real(1.0, 100.0, log=True), 99.0, Real(1.0, 1000.0, log=True)),
        (Real(1.0, 100.0, log=True), 1.0, Real(0.1, 100.0, log=True)),
        (Whole(3, 11, step=2), 11, Whole(3, 15, step=2)),
        (Whole(3, 11, step=2), 3, Whole(1, 11, step=2)),
        (Whole(3, 11, step=2), 7, Whole(3, 11, step=2)),
        (Choice(("a", "b")), "a", Choice(("a", "b"))),
    ],
)
def test_spaces_grow_beyond_an_end(part, value, wider):
    assert part.widened(value) == wider


KILLS = program("killed_search")


@pytest.mark.full
@pytest.mark.timeout(400)
def test_a_search_that_is_killed_twenty_times_goes_on(tmp_path):
    """At any moment: while it makes its study, computes a trial, or writes one."""
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(tmp_path), DATASET], capture_output=True, text=True, timeout=380
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen: list[int] = []

    def stop(done: int, *_: float) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune("gaussian", DATASET, tmp_path, trials=4000, images=1, seeds=1, progress=stop)
    assert seen[0] > 20


@pytest.mark.parametrize("name", ["a b?c=d", "100%25", "café;x", "file::memory:"])
def test_a_search_is_kept_in_folders_of_any_name(name, tmp_path):
    for _ in range(2):
        tune("gaussian", DATASET, tmp_path / name, trials=2, images=1, seeds=1)
    assert len(list((tmp_path / name / "tuning" / "studies").glob("*.sqlite"))) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_search_is_a_sentence(tmp_path, capsys):
    tune("gaussian", DATASET, tmp_path, trials=1, images=1, seeds=1)
    (study,) = (tmp_path / "tuning" / "studies").glob("*.sqlite")
    study.write_bytes(b"no database" * 100)
    command = ["tune", "gaussian", "-d", DATASET, "--trials", "2", "--images", "1", "--seeds", "1"]
    assert run_command([*command, "--results", str(tmp_path)]) == 1
    assert (
        f"The search {study} cannot be read or written: DatabaseError: file is not a database"
        in capsys.readouterr().err
    )


def test_a_link_in_the_place_of_a_search_is_not_written_through(tmp_path):
    tune("gaussian", DATASET, tmp_path / "a", trials=1, images=1, seeds=1)
    (study,) = (tmp_path / "a" / "tuning" / "studies").glob("*.sqlite")
    link = tmp_path / "b" / study.relative_to(tmp_path / "a")
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="is a link"):
        tune("gaussian", DATASET, tmp_path / "b", trials=1, images=1, seeds=1)
    assert not (tmp_path / "elsewhere").exists()


def test_methods_and_sets_of_similar_names_have_settings_of_their_own(tmp_path):
    from usbench.bench.tune import tuned_file

    (tmp_path / "lee.py").write_text(program("nothing"))
    names = [tuned_file(method, dataset, tmp_path) for method in ("lee", f"{tmp_path}/lee.py")
             for dataset in ("a/b", "a_b", "A_b", "a b", "x" * 300, "x" * 301)]  # fmt: skip
    assert len({str(name).lower() for name in names}) == len(names)
    assert max(len(part) for name in names for part in name.relative_to(tmp_path).parts) < 200


def test_fixed_parameters_stay(tmp_path):
    tuned = tune("bilateral[size=5]", DATASET, tmp_path, trials=3, images=1, seeds=1)
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


@pytest.mark.parametrize(
    ("dataset", "metric"),
    [("echo", "gcnr"), ("echo+lesions", "gaussian_equivalent_4db"), ("phantom[count=3]+psf+lesions", "psnr_affine")],
)
def test_the_objective_is_what_orders_the_board(tmp_path, dataset, metric):
    assert tune("mean", dataset, tmp_path, trials=1, images=1, seeds=1).metric == metric


def test_images_without_a_lesion_are_left_out_of_the_objective():
    dataset = usbench.load_dataset("echo+lesions", split="val")
    metric = registry.find("metrics", "gaussian_equivalent_4db").target
    there = [place for place, sample in enumerate(dataset) if not metric.missing(sample)]
    assert 0 < len(there) < len(dataset)
    frame = usbench.evaluate(usbench.load_method("mean"), dataset, [metric])
    score = _score(usbench.load_method("mean"), dataset, metric, len(dataset))
    assert score == pytest.approx(frame[metric.name].iloc[there].mean())


def test_a_setting_tuned_on_other_data_is_refused(tmp_path):
    tune("mean", DATASET, tmp_path, trials=1, images=1, seeds=1)
    (path,) = (tmp_path / "tuning").glob("*/mean.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data_hash": "0" * 16}))
    with pytest.raises(UsageError, match="tuned on another version"):
        find_tuned("mean", usbench.load_dataset(DATASET), tmp_path)


def test_rows_and_leaderboards_show_defaults_and_tuned_with_budget_and_split(tmp_path):
    tuned = tune("gaussian", DATASET, tmp_path, trials=4, images=1, seeds=1)
    request = Request(("gaussian",), (DATASET,), ("ssim",), timing=False, workers=1, tuned=True)
    result = run(request, tmp_path, Silent())
    rows = Store(tmp_path).read(result.keys)
    by_tuning = {key: set(part["method"]) for key, part in rows.groupby("tuning")}
    assert by_tuning[""] == {"identity", "gaussian"}
    (provenance,) = set(by_tuning) - {""}
    assert json.loads(provenance) == {
        "split": "val", "trials": tuned.trials, "images": 1, "metric": "psnr_affine", "data_hash": tuned.data_hash,
        "seeds": 1, "spread": 0.0, "at_edge": list(tuned.at_edge),
    }  # fmt: skip
    assert (rows["split"] == "test").all()
    boards = summarise(rows, {"ssim": usbench.load_metric("ssim")})
    write_tables(Leaderboards(tuple(boards)), tmp_path / "boards")
    board = (tmp_path / "boards" / "simulated.md").read_text()
    assert "| gaussian |" in board
    assert f"(tuned: psnr_affine, {tuned.trials} trials on 1 val images" in board


def test_the_command_line_tunes_and_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["tune", "mean", "-d", DATASET, "--trials", "2", "--images", "1", "--seeds", "1"]) == 0
    assert "at the defaults" in capsys.readouterr().out
    assert run_command(["tune", "mean", "-d", "natural+rayleigh", "--trials", "1", "--seeds", "1"]) == 0
    assert "has only 6 validation images" in capsys.readouterr().out
    assert run_command(["tune", "mean", "-d", DATASET, "--split", "test"]) == 2
    assert "so that the test stays one" in capsys.readouterr().err
    ran = ["run", "-m", "mean", "-d", DATASET, "--tuned", "--no-timing", "--limit", "1", "--workers", "1", "--json"]
    assert run_command(ran) == 0
    assert {bool(entry["tuning"]) for entry in json.loads(capsys.readouterr().out)} == {True, False}
