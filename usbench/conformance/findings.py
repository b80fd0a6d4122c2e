"""Rules of a contract, and what was found of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from usbench.core.errors import PluginError, UsbenchError, sentence

Status = Literal["kept", "broken", "warning", "not applicable"]


class NotApplicable(UsbenchError):
    """A rule says nothing of this plugin on this machine."""


class Suspicion(UsbenchError):
    """No rule is broken, and yet the plugin may not do what its author thinks."""


@dataclass(frozen=True)
class Rule:
    """One sentence of a contract.

    Attributes
    ----------
    title
        Says what a plugin does that keeps it.
    test
        Raises if the rule is broken (any exception), not applicable (`NotApplicable`) or doubtful (`Suspicion`).
        Text that it returns is a note on how the rule is kept.
    advice
        What to do where it is broken or doubtful.
    vital
        Whether nothing else can be tested where it is broken.
    retrospective
        Whether it looks back at what happened, and so can be tested whatever is broken.
    """

    title: str
    test: Callable[[], object]
    advice: str = ""
    vital: bool = False
    retrospective: bool = False


@dataclass(frozen=True)
class Finding:
    """A rule, and how the plugin stands to it.

    Attributes
    ----------
    check
        The rule's title.
    status
        `kept`, `broken`, `warning`, or `not applicable`.
    reason
        What was found; for a kept rule a note, or nothing.
    advice
        What to do about it; empty for a rule that is kept.
    """

    check: str
    status: Status
    reason: str = ""
    advice: str = ""

    @property
    def passed(self) -> bool:
        """Whether the rule is not broken."""
        return self.status != "broken"

    def as_row(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        return {**asdict(self), "passed": self.passed}


def apply_rules(rules: Sequence[Rule], begun: Callable[[str], object] = lambda title: None) -> Iterator[Finding]:
    """Yield a finding per rule, in order; after a broken vital rule the others are not applicable.

    `begun` is called with each rule's title before it is tested.
    """
    stopped = ""
    for rule in rules:
        if stopped and not rule.retrospective:
            yield Finding(rule.title, "not applicable", f"could not be tested, as {stopped!r} is broken")
            continue
        begun(rule.title)
        finding = _tested(rule)
        if rule.vital and finding.status == "broken":
            stopped = rule.title
        yield finding


def _tested(rule: Rule) -> Finding:
    try:
        note = rule.test()
    except NotApplicable as reason:
        return Finding(rule.title, "not applicable", str(reason))
    except Suspicion as doubt:
        return Finding(rule.title, "warning", str(doubt), rule.advice)
    except UsbenchError as error:
        return Finding(rule.title, "broken", str(error), rule.advice)
    except Exception as error:  # a stranger's plugin may raise anything
        return Finding(rule.title, "broken", sentence(error), rule.advice)
    return Finding(rule.title, "kept", note if isinstance(note, str) else "")


def require(holds: bool, reason: str) -> None:
    """Raise PluginError with the reason unless it holds."""
    if not holds:
        raise PluginError(reason)
