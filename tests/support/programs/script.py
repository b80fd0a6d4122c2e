"""A method that runs a line of Python, with sys.argv[1] the input and sys.argv[2] the output."""

from dataclasses import dataclass

import usbench
from usbench.program_method import ProgramMethod

CODE = ""
EXCHANGE = "npy"
SECONDS = 30.0


@dataclass(frozen=True)
class Script(ProgramMethod):
    """What a script makes of the image."""

    card = usbench.MethodCard(title="Script", family="test")
    command = ("{python}", "-c", CODE, "{input}", "{output}")
    exchange = EXCHANGE
    seconds = SECONDS
