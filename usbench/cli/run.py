"""`usbench run`: run methods on data sets and print a table."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usbench import registry
from usbench.cli.catalogue import JsonOption
from usbench.cli.leaderboards import write_leaderboards
from usbench.cli.options import MOST_GIB, MOST_PROCESSES, MOST_SECONDS, finite
from usbench.cli.terminal import console
from usbench.core.errors import UsageError
from usbench.core.specifiers import parse_assignments, parse_name
from usbench.core.untrusted import printable

if TYPE_CHECKING:
    from usbench.bench.session import Result
    from usbench.cli.report import Report


def run(
    method: Annotated[
        list[str] | None,
        typer.Option("--method", "-m", help="Name, name[parameter=value], or ./file.py. Default: every method."),
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="parameter=value of the method; repeatable.", metavar="K=V")
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option("--dataset", "-d", help="Name, source+simulator, or folder:PATH. Default: those of --suite."),
    ] = None,
    suite: Annotated[
        str,
        typer.Option(
            help="default; verdict: sets that no shipped network was trained on; or release: both, and all others."
        ),
    ] = "default",
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Name, or all. Default: all but the slow ones.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Use no more than this many images of a data set.")] = None,
    results: Annotated[Path, typer.Option(help="Where rows are stored; stored ones are not computed again.")] = Path(
        "results"
    ),
    workers: Annotated[
        int | None, typer.Option(min=1, max=MOST_PROCESSES, help="Processes. Default: one per core.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda (shared by all GPUs), cuda:0,cuda:1 or auto.")] = "cpu",
    dask: Annotated[
        str,
        typer.Option(
            help="Run on the workers of this Dask scheduler, tcp://HOST:PORT or its file, without latencies.",
            metavar="SCHEDULER",
        ),
    ] = "",
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=MOST_SECONDS,
            callback=finite,
            help="Seconds per image. Default: the method's own limit, or 120.",
        ),
    ] = None,
    timing: Annotated[bool, typer.Option(help="Measure latencies after the quality run.")] = True,
    tuned: Annotated[
        bool,
        typer.Option("--tuned", help="Also run methods with the parameters that `usbench tune` found."),
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Compute failed units again.")] = False,
    isolate: Annotated[
        bool,
        typer.Option("--isolate", help="Each unit in a fresh process with limited memory."),
    ] = False,
    memory: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=MOST_GIB,
            callback=finite,
            help="Its memory limit in GiB. Default: the machine's, shared by the workers.",
        ),
    ] = None,
    board: Annotated[
        Path | None, typer.Option("--board", help="Then write the leaderboards of all stored rows into this folder.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Run methods on data sets and compare them with the untouched input.

    Rows are stored as they are made: a stopped run resumes where it was.
    """
    from usbench.bench.session import Request
    from usbench.bench.session import run as run_request
    from usbench.cli.progress import LiveProgress
    from usbench.evaluation.applicable import refuse_inapplicable
    from usbench.evaluation.limits import cores, total_memory_gib

    if isolate and dask:
        raise UsageError("--isolate is for this machine; Dask's workers use separate processes already.")
    if memory and not isolate:
        raise UsageError("--memory limits the processes of --isolate; give both.")
    if dataset and suite != "default":
        raise UsageError("--suite names data sets, and so does --dataset; give one of them.")
    methods = _methods(method, set_)
    workers = workers or cores()
    request = Request(
        methods=tuple(methods),
        datasets=tuple(dataset or _suite(suite)),
        metrics=tuple(metric_names(metric)),
        split=split,
        limit=limit,
        device=device,
        workers=workers,
        seconds_per_image=time_limit,
        timing=timing,
        retry=retry_failed,
        tuned=tuned,
        isolate_gib=memory or total_memory_gib() / workers if isolate else None,
        scheduler=dask,
    )
    loaded = [registry.load_dataset(name, split=split) for name in dict.fromkeys(request.datasets)]
    for sentence in (sentence for one in loaded for sentence in one.notes()):
        print(f"Note: {printable(sentence)}", file=sys.stderr)
    if metric and metric != ["all"] and not dask:  # data of a cluster may not be here
        refuse_inapplicable([registry.load_metric(name) for name in metric], loaded, limit)
    with LiveProgress() as progress:
        result = run_request(request, results, progress)
    report = _report(result, results, [] if metric == ["all"] else metric or [])
    if as_json:
        print(json.dumps(report.plain()))
    else:
        _print(report, result, results)
    if board:
        write_leaderboards(results, board, quiet=as_json)
    return 1 if report.failures() or result.lost else 0


def _suite(name: str) -> list[str]:
    """Return the available data sets of a suite, and print which are left out."""
    from usbench.bench.suites import suite

    here, absent = suite(name)
    for sentence in absent:
        print(f"Left out: {sentence}", file=sys.stderr)
    return here


def _methods(given: Sequence[str] | None, assignments: Sequence[str] | None) -> list[str]:
    """Return the methods' names with the parameters of `--set` merged in."""
    if not assignments:
        return list(given) if given else available_methods()
    if not given or len(given) != 1:
        raise UsageError(
            "--set needs exactly one --method; write --method 'name[parameter=value]' for each of several."
        )
    name, parameters = parse_name(given[0])
    parameters |= parse_assignments(list(assignments), "--set")
    return [f"{name}[{','.join(f'{key}={value}' for key, value in parameters.items())}]"]


def available_methods() -> list[str]:
    """Return all methods that are available here and not too slow, and print which are left out."""
    usable = [plugin for plugin in registry.plugins("methods") if not plugin.broken]
    for plugin in usable:
        if reason := plugin.left_out:
            print(f"Left out: {reason}", file=sys.stderr)
    return [plugin.name for plugin in usable if not plugin.left_out]


def metric_names(given: Sequence[str] | None) -> list[str]:
    """Return the names of the given metrics; the default ones if none is given, all for `all`."""
    if given and list(given) != ["all"]:
        return list(given)
    return [name for name, metric in registry.working("metrics").items() if given or metric.by_default]


def _report(result: "Result", results: Path, asked: Sequence[str]) -> "Report":
    from usbench.bench.store import SPEED, Store
    from usbench.board.speed import current_speeds
    from usbench.board.summary import summarise
    from usbench.cli.report import Report

    store = Store(results)
    rows = store.read([key for key in result.keys if store.has(key)])
    speeds = store.read([key for key in result.speed_keys if store.has(key, SPEED)], SPEED)
    return Report(summarise(rows, registry.working("metrics")), current_speeds(speeds), asked)


def _print(report: "Report", result: "Result", results: Path) -> None:
    from usbench.cli.progress import duration

    out = console()
    report.listing().print(out)
    for sentence in (*result.lost, *report.failures()):
        out.print(sentence, style="red", markup=False, highlight=False)
    for sentence in report.empty():
        out.print(sentence, style="yellow", markup=False, highlight=False)
    if result.computed:
        spans = {"judging": result.judging_s, "timing": result.timing_s}
        took = ", ".join(f"{what} took {duration(seconds)}" for what, seconds in spans.items() if seconds >= 1)
        print(f"Rows are in {results.resolve()} ({result.computed} units computed{took and '; '}{took}).")
    else:
        print(f"Nothing had to be computed: all rows were in {results.resolve()} already.")
