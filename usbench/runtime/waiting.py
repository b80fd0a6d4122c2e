"""How long the threads of a loop wait for one another before they sleep.

The threads of libgomp, on which the loops of numba and torch run, spin for milliseconds at the end of each loop. On a
machine whose cores are all busy they spin away the time in which the others could end. Asleep at once they cost a quiet
machine as much as a fast filter takes. A short spin does neither.
"""

import os

SPINS = 20_000  # turns of the waiting loop


def sleep_soon() -> None:
    """Have the threads of this process, and of those that it starts, spin shortly and then sleep.

    libgomp reads it from the environment when it is loaded, so this comes before torch and numba are imported. Only the
    command line does it: the environment of a program that imports usbench is not ours. What the user has set stays.

    References
    ----------
    GNU Offloading and Multi Processing Runtime Library, "GOMP_SPINCOUNT" and "OMP_WAIT_POLICY".
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
