"""The training loop."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy

from usbench.core.errors import UsageError
from usbench.runtime.bf16 import computes_in_bf16
from usbench.runtime.malloc import keep_freed_memory

from .batches import batches
from .checkpoint import State, restore, save
from .clock import Clock
from .contracts import Batch, Hardware, Recipe, Report, Schedule, Task, Trained
from .journal import SHOWN, Journal

CALIBRATION_BATCHES = 64
WARM_UP_STEPS = 100
REPORT_STEPS = 50


def learning_rate_factor(step: int, progress: float) -> float:
    """Return pix2pix's schedule: 100 steps of warm-up, constant over the first half, then linearly to 0."""
    return min(1.0, 2.0 * (1.0 - progress), (step + 1) / WARM_UP_STEPS)


def fit(
    recipe: Recipe,
    schedule: Schedule,
    folder: Path,
    hardware: Hardware | None = None,
    report: Callable[[Report], None] = lambda _: None,
) -> Trained:
    """Train until the schedule ends, from the folder's checkpoint if there is one, and return the state at the end.

    A training that was stopped and resumed takes the same steps on the same pairs as one that was not. The folder gets
    `last.ckpt`, `log.csv`, `tensorboard/` and, at every checkpoint, a picture of fixed samples.

    Raises
    ------
    UsageError
        If the batch cannot be divided evenly, or the checkpoint is of another network.
    """
    keep_freed_memory()
    hardware = hardware or Hardware()
    _check_shares(schedule, hardware)
    fabric = _fabric(hardware)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "last.ckpt"
    task = recipe.task
    state = restore(task, checkpoint)
    base_rates = {name: [group["lr"] for group in o.param_groups] for name, o in task.optimisers.items()}
    _set_up(task, fabric)
    journal = Journal(folder, state.step, [recipe.samples(n) for n in range(SHOWN)]) if fabric.is_global_zero else None

    clock = Clock(state.elapsed, state.core_seconds, on_gpu=fabric.device.type == "cuda")
    last_saved = time.monotonic()
    first = state.step
    supply = batches(
        recipe.pairs, first * schedule.batch, schedule.steps * schedule.batch, schedule.batch, fabric, hardware.loaders
    )
    progress = 0.0
    for step in range(first, schedule.steps):
        progress = fabric.broadcast(schedule.progress(step, clock.elapsed(), clock.core_seconds()))
        if progress >= 1.0:
            break
        parts = list(zip(*(half.chunk(schedule.accumulate) for half in _next(supply, clock)), strict=True))
        _set_rates(task, base_rates, learning_rate_factor(step, progress))
        torch.manual_seed(step)  # dropout: the same draws whether or not the run was interrupted
        for name, value in task.step(parts, step, progress, fabric.backward).items():
            state.sums[name] = state.sums.get(name, 0.0) + value
            state.counts[name] = state.counts.get(name, 0) + 1
        state.step, state.elapsed, state.core_seconds = step + 1, clock.elapsed(), clock.core_seconds()
        if state.step % REPORT_STEPS == 0:
            made = _report(state, schedule, clock)
            report(made)
            if journal:
                journal.report(made)
        if journal and time.monotonic() - last_saved > schedule.save_every:
            last_saved = time.monotonic()
            save(task, checkpoint, state, base_rates)
            journal.picture(task, state.step, fabric.device)
    state.elapsed, state.core_seconds = clock.elapsed(), clock.core_seconds()
    unseen = schedule.steps * schedule.batch
    calibration = batches(
        recipe.pairs, unseen, unseen + CALIBRATION_BATCHES * schedule.batch, schedule.batch, fabric, hardware.loaders
    )
    task.calibrate_batch_norm(source for source, _ in _in_time(calibration, schedule.closing_seconds))
    if journal:
        save(task, checkpoint, state, base_rates)
        journal.picture(task, state.step, fabric.device)
        journal.close()
    return _trained(state, fabric, hardware)


def _next(supply: Iterator[Batch], clock: Clock) -> Batch:
    asked = time.monotonic()
    batch = next(supply)
    clock.waited(asked)
    return batch


def _in_time(supply: Iterator[Batch], seconds: float) -> Iterator[Batch]:
    """Yield batches for a while, at least one."""
    began = time.monotonic()
    for batch in supply:
        yield batch
        if time.monotonic() - began > seconds:
            return


def _check_shares(schedule: Schedule, hardware: Hardware) -> None:
    shares = hardware.devices * schedule.accumulate
    if schedule.batch % shares:
        raise UsageError(
            f"A batch of {schedule.batch} pairs cannot be divided evenly among {hardware.devices} devices in "
            f"{schedule.accumulate} parts each."
        )


def _fabric(hardware: Hardware) -> Fabric:
    if hardware.device not in ("auto", "cpu", "cuda"):
        raise UsageError(f"The device {hardware.device!r} is unknown; expected cpu, cuda or auto.")
    if hardware.device == "cuda" and torch.cuda.device_count() < hardware.devices:
        raise UsageError(f"There are {torch.cuda.device_count()} CUDA devices here, not {hardware.devices}.")
    on_gpu = hardware.device != "cpu" and torch.cuda.is_available()
    device = "cuda" if on_gpu else "cpu"
    precision = hardware.precision
    if precision == "auto":
        precision = "bf16-mixed" if computes_in_bf16(device) else "32-true"
    # batch norm's buffers change between the passes of one step, which broadcasting them would undo
    strategy = DDPStrategy(broadcast_buffers=False) if hardware.devices > 1 else "auto"
    fabric = Fabric(accelerator=device, devices=hardware.devices, strategy=strategy, precision=precision)  # type: ignore[arg-type]
    fabric.launch()
    return fabric


def _set_up(task: Task, fabric: Fabric) -> None:
    for name, network in task.networks.items():
        network = network.to(memory_format=torch.channels_last)
        trainable = any(parameter.requires_grad for parameter in network.parameters())
        task.networks[name] = fabric.setup_module(network) if trainable else fabric.to_device(network)
    for name, optimiser in task.optimisers.items():
        task.optimisers[name] = fabric.setup_optimizers(optimiser)  # type: ignore[assignment]


def _set_rates(task: Task, base_rates: dict[str, list[float]], factor: float) -> None:
    for name, optimiser in task.optimisers.items():
        for group, rate in zip(optimiser.param_groups, base_rates[name], strict=True):
            group["lr"] = rate * factor


def _report(state: State, schedule: Schedule, clock: Clock) -> Report:
    """Return the means since the last report, and reset them."""
    means = {name: total / state.counts[name] for name, total in state.sums.items()}
    state.sums, state.counts = {}, {}
    progress = schedule.progress(state.step, state.elapsed, state.core_seconds)
    left = state.elapsed * (1 - progress) / progress
    return Report(state.step, schedule.steps, progress, state.elapsed, left, clock.data_wait(), means)


def _trained(state: State, fabric: Fabric, hardware: Hardware) -> Trained:
    from usbench.evaluation.provenance import hardware as describe

    on_gpu = fabric.device.type == "cuda"
    name = f"{hardware.devices} x {describe(fabric.device.type)}, {fabric._precision.precision}"
    threads = "" if on_gpu else f", {torch.get_num_threads()} threads"
    memory = torch.cuda.max_memory_allocated() if on_gpu else 0
    return Trained(state.step, state.elapsed, state.core_seconds, name + threads, memory, fabric.is_global_zero)
