"""New plugins in which something is replaced on purpose, and the rules that they then break."""

from pathlib import Path

from usbench.conformance import check_plugin
from usbench.scaffold import plugin_source


def assert_broken(kind: str, old: str, new: str, rules: set[str], reason: str, folder: Path) -> None:
    """Fail unless a new plugin with `new` for `old` breaks these rules or leaves them doubtful, for this reason."""
    source = plugin_source(kind, "broken_one")
    assert old in source
    file = folder / "broken_one.py"
    file.write_text(source.replace(old, new))
    found = [finding for finding in check_plugin(str(file)) if finding.status in ("broken", "warning")]
    assert {finding.check for finding in found} == rules
    assert any(reason in finding.reason for finding in found)
