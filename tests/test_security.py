"""The threat model names tests that exist, and the rule is stated once in words and once in code."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULE = "Data that came from outside never names code, never names a path, and never decides where something is written."


def test_the_tests_that_the_threat_model_names_are_there():
    text = (ROOT / "SECURITY.md").read_text()
    named = set(re.findall(r"`((?:tests/[\w/.]+|test_\w+\.py))`", text))
    known = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 15
    missing = [name for name in named if not (ROOT / name).exists() and name.rpartition("/")[2] not in known]
    assert not missing


def test_the_rule_is_in_the_threat_model_and_at_the_head_of_the_code_that_enforces_it():
    for path in ("SECURITY.md", "usbench/core/untrusted.py", "docs/howto/results.md"):
        assert RULE in " ".join((ROOT / path).read_text().replace("**", "").split()).replace(" (`usbench", "."), path
