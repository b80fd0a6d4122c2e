"""Run `usbench --help`, and print what the environment says of spinning threads, and whether torch was loaded."""

import contextlib
import os
import sys

from usbench.__main__ import main

sys.argv = ["usbench", "--help"]
with contextlib.suppress(SystemExit):
    main()
print(os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules)
