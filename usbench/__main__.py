"""`python -m usbench` is the `usbench` command."""

from usbench.cli.app import main

if __name__ == "__main__":
    main()
