from dataclasses import dataclass

import usbench
from usbench.program_method import ProgramMethod


@dataclass(frozen=True)
class Box(ProgramMethod):
    """The mean of a window, by a program in C."""

    card = usbench.MethodCard(title="Box in C", family="smoothing", licence="MIT")
    command = ("./box", "{input}", "{output}", "{height}", "{width}", "{radius}")
    exchange = "raw"
    radius: int = 1
