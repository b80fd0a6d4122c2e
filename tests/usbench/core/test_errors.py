"""Sentences of exceptions, whatever they do when they are shown."""

from usbench.core.errors import MethodError, reason, sentence


def test_sentences_of_exceptions_that_cannot_be_read_or_shown():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    class Odd(MethodError):
        def __str__(self):
            raise SystemExit(0)

    assert sentence(Mute()) == "Mute, whose message cannot be read: it raised RuntimeError."
    assert reason(Odd("x")).startswith("Odd, whose message cannot be read")
    assert reason(MethodError("\x1b[31mred\u202e")) == r"\x1b[31mred\u202e"
    assert len(sentence(ValueError("x" * 10_000))) < 600
