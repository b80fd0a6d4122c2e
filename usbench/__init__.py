"""usbench: benchmark and evaluation suite for ultrasound despeckling."""
