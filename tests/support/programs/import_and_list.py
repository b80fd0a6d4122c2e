"""Import usbench and list all plugins; exit with the names of heavy packages that this imports, if any."""

import sys

import usbench  # noqa: F401  it is what is tested
from usbench.cli.app import run_command

for kind in ("methods", "datasets", "simulators", "metrics"):
    run_command(["list", kind, "--json"])
heavy = {"torch", "pandas", "scipy", "skimage", "numba", "piq", "bm3d"} & set(sys.modules)
sys.exit(f"imported: {sorted(heavy)}" if heavy else 0)
