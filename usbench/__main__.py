"""`python -m usbench`, and the command `usbench`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is being loaded is a stop like any other."""
    try:
        from usbench.runtime.waiting import sleep_soon

        sleep_soon()
        from usbench.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
