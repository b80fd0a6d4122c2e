"""How long threads spin: short for the command line, and as before for a program that imports usbench."""

import subprocess
import sys

from program_files import program

from usbench.runtime.waiting import SPINS, sleep_soon


def test_threads_spin_shortly_unless_the_user_decides(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    sleep_soon()
    assert os_value("GOMP_SPINCOUNT") == str(SPINS)
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    sleep_soon()
    assert os_value("GOMP_SPINCOUNT") == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    sleep_soon()
    assert os_value("GOMP_SPINCOUNT") is None


def os_value(name: str) -> str | None:
    """Return a variable as a library sees it, not Python's copy."""
    import ctypes

    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    found = getenv(name.encode())
    return None if found is None else found.decode()


def test_the_command_line_says_so_before_anything_is_loaded(monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", program("spins_of_command")], capture_output=True, text=True, timeout=300
    )
    assert done.stdout.split()[-2:] == [str(SPINS), "False"], done.stderr


def test_the_environment_of_a_program_that_imports_usbench_stays():
    subprocess.run([sys.executable, "-c", program("untouched_environment")], check=True, timeout=300)
