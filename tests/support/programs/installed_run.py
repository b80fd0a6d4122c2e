"""Run a method from the packages in argv[1]."""

import sys
from pathlib import Path

import usbench.datasets
import usbench.methods

import usbench

site = Path(sys.argv[1])
for package in (usbench, usbench.methods, usbench.datasets):
    assert Path(str(package.__file__)).is_relative_to(site), package.__file__
frame = usbench.evaluate(usbench.load_method("gan-d"), usbench.load_dataset("phantom[count=1]+psf"))
assert frame["status"].tolist() == ["ok"], frame["reason"].tolist()
print(round(frame["psnr"][0], 2))
