"""The command line: what it prints, where, and with which exit code; never a traceback."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from usbench.cli.app import run_command


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "-m", "medain"], "Did you mean 'median'"),
        (["run", "-m", "median", "-d", "nosuch"], "There is no dataset 'nosuch'"),
        (["run", "-m", "median", "-d", "natural+raleigh"], "Did you mean 'rayleigh'"),
        (["run", "-m", "median", "--metric", "pnsr"], "Did you mean 'psnr'"),
        (["run", "-m", "median", "--set", "size=4"], "odd"),
        (["run", "-m", "median", "--set", "size"], "parameter=value"),
        (["run", "-m", "median", "-m", "lee", "--set", "size=5"], "exactly one --method"),
        (["run", "-m", "median", "--split", "holdout", "-d", "natural+rayleigh"], "split='holdout' is refused"),
        (["run", "-m", "median", "-d", "echo", "--split", "train"], "no samples in the split 'train'"),
        (["run", "-m", "median", "-d", "echo", "--device", "warp"], "device 'warp' cannot be used"),
        (["run", "--limit", "0"], "--limit"),
        (["run", "-m", "./nosuch.py"], "does not exist"),
        (["run", "-m", "median", "-d", "echo", "--results", "/proc/results"], "cannot be written"),
        (["show", "nosuch"], "There is no method 'nosuch'"),
        (["list", "things"], "things"),
        (["tables", "--results", "nosuch"], "There are no results in nosuch"),
        (["compare", "a", "./b c.py", "-d", "echo"], "`usbench run -m a -m './b c.py' -d echo --results results`"),
        (["run", "-m", "median", "-d", "echo", "--tuned"], "`usbench tune median -d echo --results results` makes one"),
        (["train", "median"], "cannot be trained"),
        (["train", "gan-d", "--max-time", "soon"], "'soon' is not a time"),
        (["weights"], "Missing command"),
        (["weights", "add", "gan-d-zenodo"], "Missing argument"),
        (["weights", "add", "median", "x"], "'median' takes no weights"),
        (["check"], "Name one plugin"),
        (["check", "median", "--all"], "Name one plugin"),
        (["check", "./nosuch.py"], "does not exist"),
        (["new", "filter", "x"], "filter"),
        (["nosuch"], "nosuch"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_command(arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.count("\n") == 1


TEXT = (
    "weights add remove gan-d-zenodo "
    "run list show tables check -m --method --set -d --dataset --json --split [ ] a=b median[size= srad[iterations=x] "
    "+ folder: folder:/ natural+ +psf --limit -1 🫀"
)


WORDS = st.sampled_from(TEXT.split())


@given(arguments=st.lists(st.one_of(WORDS, st.text(max_size=12)), max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rubbish_arguments_never_end_in_a_traceback(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if arguments and arguments[0] == "run":
        arguments = ["run", "--split", "nosuch", *arguments[1:]]  # refused after parsing, before anything is computed
    code = run_command(arguments)
    captured = capsys.readouterr()
    assert code in (0, 1, 2)
    assert "Traceback" not in captured.err + captured.out
    assert "error of its own" not in captured.err, captured.err


def test_python_m_usbench_is_the_command(usbench_command):
    done = usbench_command("--help")
    assert done.returncode == 0
    assert "Usage: usbench" in done.stdout
