"""Clean sources, simulators and real B-mode sets."""
