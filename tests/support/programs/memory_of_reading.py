"""Print by how many MiB reading the image argv[1] raises the peak of memory."""

import sys
from pathlib import Path

from usbench.core.errors import ImageError
from usbench.io import read_image

sys.stdin.readline()
try:
    read_image(sys.argv[1])
except ImageError as error:
    print(error)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
