"""Rules of a contract, and findings on them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from usbench.core.errors import PluginError, UsbenchError, sentence

Status = Literal["kept", "broken", "warning", "not applicable"]


class NotApplicable(UsbenchError):
    """A rule does not apply to this plugin on this machine."""


class Suspicion(UsbenchError):
    """No rule is broken, but the plugin may not do what its author expects."""


@dataclass(frozen=True)
class Rule:
    """A rule of a contract.

    Attributes
    ----------
    title
        What a plugin does that keeps the rule.
    test
        Raises if the rule is broken (any exception), not applicable (`NotApplicable`) or doubtful (`Suspicion`). A
        returned text is a note on how the rule is kept.
    advice
        What to do if it is broken or doubtful.
    vital
        Whether nothing else can be tested if it is broken.
    retrospective
        Whether it is about what was observed before, and so is tested even after a vital rule is broken.
    """

    title: str
    test: Callable[[], object]
    advice: str = ""
    vital: bool = False
    retrospective: bool = False


@dataclass(frozen=True)
class Finding:
    """The result of a rule for a plugin.

    Attributes
    ----------
    check
        The rule's title.
    status
        `kept`, `broken`, `warning`, or `not applicable`.
    reason
        The reason for the status; for a kept rule a note or nothing.
    advice
        What to do; empty for a kept rule.
    """

    check: str
    status: Status
    reason: str = ""
    advice: str = ""

    @property
    def passed(self) -> bool:
        """Whether the rule is kept, doubtful or not applicable."""
        return self.status != "broken"

    def as_row(self) -> dict[str, Any]:
        """Return the finding as a dictionary for JSON."""
        return {**asdict(self), "passed": self.passed}


def apply_rules(rules: Sequence[Rule], begun: Callable[[str], object] = lambda title: None) -> Iterator[Finding]:
    """Yield a finding per rule in order; after a broken vital rule the others are not applicable.

    `begun` is called with the title of each rule before it is tested.
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
    except Exception as error:  # a plugin may raise anything
        return Finding(rule.title, "broken", sentence(error), rule.advice)
    return Finding(rule.title, "kept", note if isinstance(note, str) else "")


def require(holds: bool, reason: str) -> None:
    """Raise PluginError with the reason unless the condition holds."""
    if not holds:
        raise PluginError(reason)
