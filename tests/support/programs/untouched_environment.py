"""Import usbench and use a method; fail if that changes the environment."""

import os

before = dict(os.environ)

import usbench  # noqa: E402

usbench.load_method("lee").prepare("cpu")
assert dict(os.environ) == before
