"""`usbench check` survives what it tests: crashes, native loops and `exit` are findings."""

import json
from contextlib import suppress

import pytest
from program_files import plugin_file

from usbench.cli.app import run_command
from usbench.conformance.isolated import check_isolated
from usbench.core.errors import UsageError


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("crash", "it ended the process: signal SIGSEGV"),
        ("exit", "it ended the process: exit code 7"),
    ],
)
def test_a_crash_is_a_finding_of_the_rule_that_brought_it_about(how, reason, tmp_path):
    report = check_isolated(str(plugin_file(tmp_path, "fatal", HOW=how)))
    *before, last = report.findings
    assert all(finding.status == "kept" for finding in before)
    assert len(before) >= 7
    assert (last.check, last.status, last.reason) == ("accepts black, grey and white images", "broken", reason)
    assert not report.passed


@pytest.mark.full  # it waits for 15 s
def test_native_code_that_does_not_return_is_ended(tmp_path):
    file = plugin_file(tmp_path, "fatal", HOW="hang")
    report = check_isolated(str(file), seconds_per_image=10)  # which the other rules never need
    assert report.findings[-1].check == "accepts black, grey and white images"
    assert "did not return within 15 s" in report.findings[-1].reason


def test_a_plugin_that_ends_python_while_it_is_imported(tmp_path):
    (tmp_path / "gone.py").write_text("import os\nos._exit(3)\n")
    report = check_isolated(str(tmp_path / "gone.py"))
    assert [(f.check, f.status) for f in report.findings] == [("can be imported", "broken")]


def test_what_a_plugin_prints_does_not_spoil_the_json(tmp_path, usbench_command):
    done = usbench_command("check", str(plugin_file(tmp_path, "fatal", HOW="print")), "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["kind"] == "method"
    assert {finding["status"] for finding in report["findings"]} == {"kept", "not applicable"}
    assert "chatter" in done.stderr


def test_errors_cross_over_as_they_are(tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'median'"):
        check_isolated("medain")
    with pytest.raises(UsageError, match="no parameter 'width'"):
        check_isolated(str(plugin_file(tmp_path, "fatal", HOW="well")) + "[width=3]")


@pytest.mark.full
def test_all_goes_over_every_kind_and_leaves_out_what_is_absent(monkeypatch, capsys):
    from usbench import registry

    chosen = {"methods": ["identity", "gan-d-zenodo"], "datasets": ["shapes", "folder"], "simulators": ["rayleigh"]}
    real = registry.plugins
    monkeypatch.setattr(
        registry, "plugins", lambda kind: [p for p in real(kind) if p.name in chosen.get(kind, ["mae"])]
    )
    assert run_command(["check", "--all"]) == 0
    out = capsys.readouterr().out
    for line in ("identity (method): ", "shapes (dataset): ", "rayleigh (simulator): ", "mae (metric): "):
        assert f"ok     {line}" in out
    assert "-      gan-d-zenodo (method): not tested. gan-d-zenodo needs the weights" in out
    assert "-      folder (dataset): not tested. The folder set needs a directory" in out
    assert "WARN removes speckle: looks like a pass-through" in out


@pytest.mark.timeout(200)
@pytest.mark.parametrize("code", [0, 3])
def test_a_child_that_keeps_the_pipe_open_is_not_waited_for_and_ended(code, tmp_path):
    """It has all of its parent's pipes: the end of the conversation would never come."""
    import psutil

    from usbench.bench.pool import MARK, OURS

    report = check_isolated(str(plugin_file(tmp_path, "clinging", CODE=code)), seconds_per_image=20)
    assert not report.passed
    assert any("it ended the process" in str(finding) for finding in report.findings)
    marked = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            marked += [process] if process.environ().get(MARK) == OURS and process.status() != "zombie" else []
    assert not marked
