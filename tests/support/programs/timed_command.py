"""Time a command of usbench and its peak of memory."""

import json
import resource
import sys
import time

from usbench.cli.app import run_command

started = time.perf_counter()
code = run_command(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print("\n" + json.dumps({"seconds": time.perf_counter() - started, "gib": peak}))
sys.exit(code)
