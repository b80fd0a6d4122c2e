"""`usbench train`: train a method or simulator."""

import inspect
import itertools
import shlex
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from usbench import registry
from usbench.cli.times import seconds_of
from usbench.core.errors import UsageError
from usbench.training.options import check_options

if TYPE_CHECKING:
    from usbench.training.contracts import Recipe


def train(
    name: Annotated[str, typer.Argument(help="A trainable method or simulator, such as gan-d or gan-s.")],
    folder: Annotated[Path | None, typer.Option(help="Checkpoints and logs. Default: training/NAME.")] = None,
    bmode: Annotated[list[Path] | None, typer.Option(help="Folder of real B-mode images; repeatable.")] = None,
    mri: Annotated[list[Path] | None, typer.Option(help="Folder of MRI, added to the suite's own.")] = None,
    natural: Annotated[list[Path] | None, typer.Option(help="Folder of natural images, added as well.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(envvar="USBENCH_TRAINING_DATA", help="Folder of the images behind the shipped weights."),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Number of updates. Default: the recipe's.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Pairs per update. Default: the recipe's.")] = None,
    accumulate: Annotated[int, typer.Option(min=1, help="Micro-batches per batch, to save memory.")] = 1,
    max_time: Annotated[
        str | None, typer.Option(help="Stop after this long, such as 90m or 2h. Default: the recipe's budget, if any.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="option=value of the recipe; repeatable.", metavar="K=V")
    ] = None,
    try_: Annotated[
        list[str] | None,
        typer.Option("--try", help="option=value,value: try each shortly, then train with the best."),
    ] = None,
    trial_steps: Annotated[int, typer.Option(min=1, help="Updates in each trial of --try.")] = 256,
    fine_tune: Annotated[bool, typer.Option("--fine-tune", help="Start from the shipped weights.")] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "auto",
    devices: Annotated[int, typer.Option(min=1, help="Number of devices.")] = 1,
    precision: Annotated[str, typer.Option(help="32-true, bf16-mixed, or auto.")] = "auto",
    loaders: Annotated[int, typer.Option(min=0, help="Processes that make pairs, besides the training.")] = 1,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads. Default: torch's.")] = None,
) -> None:
    """Train a plugin, from its checkpoint if there is one; weights and their card are exported at the end."""
    from usbench.cli.training_progress import TrainingProgress, phase
    from usbench.core.specifiers import parse_assignments
    from usbench.training.contracts import Hardware, Schedule
    from usbench.training.export import export, list_training_images
    from usbench.training.loop import fit
    from usbench.training.trials import best, try_out

    if precision not in ("32-true", "bf16-mixed", "auto"):
        raise UsageError(f"The precision {precision!r} is unknown; expected 32-true, bf16-mixed or auto.")
    trainable = _trainable(name)
    folder = folder or Path("training") / name
    seconds = seconds_of(max_time) if max_time else None
    if threads:
        import torch

        torch.set_num_threads(threads)
    given = {source: folders for source, folders in (("bmode", bmode), ("mri", mri), ("natural", natural)) if folders}
    given = {**_shipped_folders(trainable, data), **given}
    options = parse_assignments(set_ or [], "--set")

    def make(tried: Mapping[str, str]) -> "Recipe":
        recipe = trainable.recipe(given, **_options(trainable, {**options, **tried}))
        return _fine_tuned(recipe, trainable) if fine_tune else recipe

    def schedule_of(recipe: "Recipe") -> Schedule:
        of_the_recipe = None if steps or seconds else recipe.core_seconds
        return Schedule(steps or recipe.steps, batch or recipe.batch, accumulate, seconds, of_the_recipe)

    hardware = Hardware(device, devices, precision, loaders)
    candidates = _candidates(trainable, parse_assignments(try_ or [], "--try"))
    trials: list[dict[str, Any]] = []
    if len(candidates) > 1:
        with phase("trials"), TrainingProgress(f"{name}, trials") as progress:
            brief = replace(schedule_of(make(candidates[0])), steps=trial_steps)
            trials = try_out(make, candidates, brief, folder / "trials", hardware, progress.report)
    chosen = best(trials) if trials else candidates[0]
    with phase("reading"):
        recipe = make(chosen)
        if trials:
            recipe = replace(recipe, card={**recipe.card, "trials": trials, "trial_steps": trial_steps})
        recipe = replace(recipe, samples=cache(recipe.samples))  # held-out pairs are looked at more than once
        listed = list_training_images(recipe, folder, name)
    _warn_of_short_time(recipe, seconds)
    schedule = schedule_of(recipe)
    with phase("steps"), TrainingProgress(name) as progress:
        trained = fit(recipe, schedule, folder, hardware, progress.report)
    if trained.is_first:
        with phase("export"):
            index = export(recipe, schedule, trained, folder, name, listed)
        print(f"Trained {trained.step} steps; the weights are in {index.parent}.")
        if "weights" in trainable.defaults():
            print(_command(trainable, folder, {**options, **chosen}))


def _warn_of_short_time(recipe: "Recipe", seconds: float | None) -> None:
    """Say at once if the export takes longer than the training is given."""
    from usbench.cli.training_progress import tell
    from usbench.training.export import least_export_seconds

    if seconds is None:
        return
    least = least_export_seconds(recipe)
    if least > seconds:
        tell(
            f"usbench: warning: after the {seconds:g} s of --max-time, measuring and writing the weights takes about "
            f"{least:.0f} s more."
        )


def _command(trainable: Any, folder: Path, options: Mapping[str, Any]) -> str:
    """Return the command that runs what was trained, with the options that are parameters of the plugin too."""
    kept = {key: value for key, value in options.items() if key in trainable.defaults()}
    given = ",".join(f"{key}={value}" for key, value in {**kept, "weights": folder}.items())
    return f"usbench run --method {shlex.quote(f'{trainable.name}[{given}]')}"


def _trainable(name: str) -> Any:
    """Return the class of a trainable plugin."""
    kind: registry.Kind = "simulators" if name in registry.names("simulators") else "methods"
    target = registry.find(kind, name).target
    if not hasattr(target, "recipe"):
        raise UsageError(f"{name} cannot be trained.")
    return target


def _shipped_folders(trainable: Any, data: Path | None) -> dict[str, list[Path]]:
    """Return the folders that the shipped weights were trained on, below `data`.

    Raises
    ------
    UsageError
        If one is not there.
    """
    if data is None:
        return {}
    folders = {source: [data / name for name in names] for source, names in trainable.training_folders.items()}
    for folder in itertools.chain.from_iterable(folders.values()):
        if not folder.is_dir():
            raise UsageError(f"{trainable.name} was trained on {folder.name}, which is not in {data}.")
    return folders


def _options(trainable: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `--set`; raise UsageError for one that the recipe does not have."""
    parameters = list(inspect.signature(trainable.recipe).parameters.values())[1:]
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return given
    check_options(trainable.name, given, [parameter.name for parameter in parameters])
    return given


def _candidates(trainable: Any, tried: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the combinations of `--try`; refuse simulators, since trials are judged by PSNR."""
    from usbench.training.trials import grid

    if tried and trainable.name in registry.names("simulators"):
        raise UsageError(
            f"--try compares methods by their PSNR, which does not apply to the simulator {trainable.name}."
        )
    return grid({option: values.split(",") for option, values in tried.items()})


def _fine_tuned(recipe: "Recipe", trainable: Any) -> "Recipe":
    """Return the recipe starting from the shipped weights, as its card then states."""
    from usbench.weights.shards import load_weights, weights_hash

    index = trainable.weights_index()
    try:
        recipe.task.start_from(load_weights(index))
    except RuntimeError:
        raise UsageError(f"The shipped weights of {trainable.name} do not fit the network of these options.") from None
    return replace(recipe, card={**recipe.card, "started_from": weights_hash(index)})
