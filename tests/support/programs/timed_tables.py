"""Time `usbench tables` and its peak of memory."""

import json
import resource
import sys
import time

from usbench.cli.app import run_command

started = time.perf_counter()
code = run_command(["tables", "--results", sys.argv[1], "--out", sys.argv[2], "--json"])
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))
sys.exit(code)
