"""Run plugin code under a time limit and a watch."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TypeVar

from usbench.conformance.findings import Rule, require
from usbench.conformance.watch import GENERATORS, Watch
from usbench.evaluation.limits import SECONDS_PER_IMAGE, Guard, time_limit

PREPARING = 10  # as in a run

Result = TypeVar("Result")


@dataclass
class Trial:
    """Runs calls of a plugin.

    Attributes
    ----------
    seconds
        Time limit of one image.
    guard
        Ends the process from outside if native code does not return.
    watch
        Records use of files, network, processes and generators.
    """

    seconds: float = SECONDS_PER_IMAGE
    guard: Guard | None = None
    watch: Watch = field(default_factory=Watch)

    def call(
        self, work: Callable[[], Result], *, images: float = 1, generators: Collection[str] = GENERATORS
    ) -> Result:
        """Return the result of `work`, which has the time of `images` images and must not use `generators`.

        Raises
        ------
        MethodError
            If it takes longer.
        """
        with time_limit(self.seconds * images, "It", self.guard), self.watch.observing(generators):
            return work()


def side_effect_rules(trial: Trial) -> list[Rule]:
    """Return the rules on observed side effects; they come after all others."""

    def generators() -> None:
        touched = ", ".join(sorted(trial.watch.generators))
        require(not touched, f"it seeds, or draws from, the global generator of {touched}")

    def network() -> None:
        contacted = list(dict.fromkeys(trial.watch.contacted))
        require(not contacted, f"it opens connections: {', '.join(contacted[:3])}")

    def files() -> None:
        written = trial.watch.written_outside()
        others = f" and {len(written) - 3} more" if len(written) > 3 else ""
        require(not written, f"it writes {', '.join(map(str, written[:3]))}{others}")

    def processes() -> None:
        left = trial.watch.processes_left()
        require(not left, f"it leaves {len(left)} behind, such as {left[0] if left else ''}")

    tests = {
        "leaves the global random generators alone": (
            generators,
            "Use a local generator with a fixed seed: numpy.random.default_rng(0), torch.Generator().",
        ),
        "opens no network connection": (
            network,
            "Ship what it needs, or say in unavailable() what the user must add.",
        ),
        "writes no file outside of caches": (
            files,
            "Write to platformdirs.user_cache_path(), or to a tempfile.TemporaryDirectory().",
        ),
        "leaves no process behind": (
            processes,
            "Wait for processes that it starts; usbench.program_method.ProgramMethod runs programs.",
        ),
    }
    return [Rule(title, test, advice, retrospective=True) for title, (test, advice) in tests.items()]
