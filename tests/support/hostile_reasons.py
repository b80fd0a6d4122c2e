"""What `tests/support/programs/hostile.py` can do to a run, and the reason that its rows give."""

REASONS = {
    "exit 0": "raised SystemExit: 0",
    "os exit 0": "took its process down",
    "interrupt": "raised KeyboardInterrupt",
    "base": "raised BaseException: base",
    "generator": "raised GeneratorExit",
    "stop": "raised StopIteration",
    "unspeakable": "raised Unspeakable, whose message cannot be read",
    "unsendable": "raised Unsendable: unsendable",
    "escape": r"ValueError: \x1b[2J|red",
    "meta": "a meta tensor",
    "sparse": "a sparse tensor",
    "quantised": "a quantised tensor",
    "complex": "a complex tensor",
    "gradient": "carries gradients",
    "nested": "a nested tensor",
    "odd": "not to be looked at",
    "stubborn": "took its process down",
    "stopped": "took its process down",
    "prepare exits": "raised SystemExit: 0",
    "prepare hangs": "took its process down",
}
HARMLESS = ("well", "forks", "leaves a child", "leaves a daemon", "keeps a thread")
OF_PROCESSES = ("exit 0", "os exit 0", "stubborn", "stopped", "prepare exits", "prepare hangs")  # the others just raise
IN_PROCESS = [how for how in REASONS if how not in ("os exit 0", "stubborn", "stopped", "prepare hangs")]
