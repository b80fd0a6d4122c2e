"""`usbench check` reports each rule."""

import json

from checks import check_here
from program_files import plugin_file

from usbench.cli.app import run_command


def test_check_reports_each_rule(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("usbench.conformance.isolated.check_isolated", check_here)
    assert run_command(["check", "median"]) == 0
    out = capsys.readouterr().out
    assert "ok     accepts any height and width and returns the same\n" in out
    assert "-      was not trained on test images of the suite: it is not trained\n" in out
    file = plugin_file(tmp_path, "crop")
    assert run_command(["check", str(file)]) == 1
    out = capsys.readouterr().out
    assert "BROKEN returns an image of the same shape: crop returned an image of shape (47, 40)" in out
    assert "       -> Return (B, 1, H, W) for (B, 1, H, W).\n" in out
    assert run_command(["check", str(file), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["kind"] == "method"
    assert not report["passed"]
    assert {finding["status"] for finding in report["findings"]} >= {"kept", "broken", "not applicable"}
