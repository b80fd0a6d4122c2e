"""The `usbench` command."""

import os
import sys

import typer

from usbench.cli.apply import apply
from usbench.cli.catalogue import list_plugins, show
from usbench.cli.compare import compare
from usbench.cli.conformance import check
from usbench.cli.data import data
from usbench.cli.exchange import export_inputs, score
from usbench.cli.export import export
from usbench.cli.figure import figure
from usbench.cli.gallery import gallery
from usbench.cli.hub import hub
from usbench.cli.leaderboards import tables
from usbench.cli.merge import merge
from usbench.cli.new import new
from usbench.cli.picture import picture
from usbench.cli.run import run
from usbench.cli.speed import time
from usbench.cli.terminal import ReaderGone, printable_output
from usbench.cli.train import train
from usbench.cli.tune import tune
from usbench.cli.weights import weights
from usbench.core.errors import UsageError, UsbenchError, sentence
from usbench.core.untrusted import printable

STOPPED = "Stopped. Finished units are kept; the same command resumes."

app = typer.Typer(
    name="usbench",
    help="Benchmark of ultrasound despeckling: run methods on simulated and real B-mode, and compare them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command("list")(list_plugins)
app.command()(show)
app.command()(tables)
app.command()(gallery)
app.command()(compare)
app.command()(merge)
app.command()(picture)
app.command()(figure)
app.command()(apply)
app.command("export-inputs")(export_inputs)
app.command()(score)
app.command()(train)
app.command()(export)
app.command()(hub)
app.command()(tune)
app.command()(time)
app.command()(new)
app.command()(check)
app.add_typer(weights)
app.add_typer(data)


def main() -> None:
    """Run the command line and exit: 0 success, 1 something failed, 2 wrong usage, 130 stopped by Ctrl-C."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are one sentence on standard error."""
    with printable_output():
        return _run(arguments)


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name="usbench", standalone_mode=False)
        sys.stdout.flush()
        return _say(STOPPED, 130) if code == 130 else code if isinstance(code, int) else 0
    except UsageError as error:
        return _say(str(error), 2)
    except UsbenchError as error:
        return _say(str(error), 1)
    except (KeyboardInterrupt, typer.Abort):
        return _say(STOPPED, 130)
    except (ReaderGone, BrokenPipeError):  # what is still to be flushed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]
        return 1
    except OSError as error:
        where = f"{error.filename} cannot be used" if error.filename else "A file cannot be used"
        return _say(f"{where}: {error.strerror or error}.", 1)
    except Exception as error:
        if hasattr(error, "format_message"):  # of typer: wrong options and the like
            return _say(f"{error.format_message()} See `usbench --help`.", 2)
        if os.environ.get("USBENCH_DEBUG"):
            raise
        said = f"Internal error of usbench ({sentence(error)})."
        return _say(f"{said} Please report it; USBENCH_DEBUG=1 shows where it happened.", 1)
    except BaseException as error:  # sys.exit(0) in a plugin must not pass for success
        return _say(f"A plugin ended the command by {sentence(error)}", 1)


def _say(said: str, code: int) -> int:
    print(f"usbench: {printable(said)}", file=sys.stderr)
    return code
