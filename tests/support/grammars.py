"""What the fuzz tests draw from: command lines, rows, JSON, and files with some bytes changed."""

import json

import pandas as pd
from hypothesis import strategies as st
from made_up_rows import made_up_rows

HOSTILE = (
    "", " ", "-", "--", "a/b", "../x", "/", "/dev/null", "nul", "x" * 300, "=1+1", "|", "\n", "\x1b[2J",
    "\u202e", "\ud800", "é", "$\\frac$", "<img src=x>", "](http://x)", "[", "]", "a[b", "a]", "a[b=]", "a[=c]",
    "a[b=c", "+", "a+", "+a", "a+b+c", ":", "folder:", "folder:/", "folder:.", "x.py", "./x.py:Y", ".py", "nan",
    "inf", "-1", "0", "1e300", "9" * 400, "None", "identity", "median", "lee[size=7]", "lee[size=x]",
    "natural+rayleigh", "shapes", "psnr", "all", "test", "val", "cpu", "cuda:99", "results", "boards", "theirs",
    "rows.parquet", "picture.png", "out.pdf", "file.onnx",
)  # fmt: skip
OPTIONS = (
    "-m", "--method", "-d", "--dataset", "--metric", "--split", "--limit", "--results", "--out", "--into",
    "--picture", "--json", "--set", "--suite", "--workers", "--memory", "--time-limit", "--isolate", "--device",
    "--samples", "--sample", "--zoom", "--trials", "--seeds", "--images", "--size", "--batch", "--help",
    "--nosuch", "--board",
)  # fmt: skip
COMMANDS = (
    ("tables",), ("compare",), ("merge",), ("gallery",), ("list",), ("show",), ("picture",), ("figure",), ("new",),
    ("export",), ("weights", "list"), ("weights", "add"), ("weights", "remove"), ("data", "list"), ("data", "show"),
    ("data", "add"), ("data", "drop"), ("apply",), ("score",), ("export-inputs",),
    ("time", "--batch", "0"), ("train", "dncnn", "--steps", "0"), ("nosuch",), (),
)  # fmt: skip
# each computes something small, whatever words are put before its options
SMALL = (
    ("run", "-m", "identity", "-d", "shapes[count=2]+rayleigh", "--metric", "psnr", "--limit", "1", "--no-timing"),
    ("tune", "mean", "-d", "shapes[count=2]+rayleigh", "--metric", "psnr", "--trials", "1", "--seeds", "1",
     "--images", "1"),
)  # fmt: skip

texts = st.text(max_size=30) | st.sampled_from([text for text in HOSTILE if text != "\ud800"])
words = (
    st.sampled_from(HOSTILE) | st.sampled_from(OPTIONS) | st.text(st.characters(exclude_characters="\0"), max_size=12)
)
numbers = st.floats() | st.integers(-5, 5).map(float)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command of the suite with words that belong to it and others."""
    return [*draw(st.sampled_from(COMMANDS)), *draw(st.lists(words, max_size=6))]


@st.composite
def small_runs(draw: st.DrawFn) -> list[str]:
    """A command that computes, with other words among its options; a last one that stands twice is the one above."""
    command, *options = draw(st.sampled_from(SMALL))
    inserted = draw(st.lists(words.filter(lambda word: word != "--help"), min_size=1, max_size=4))
    return [command, *inserted, *options]


@st.composite
def odd_rows(draw: st.DrawFn) -> pd.DataFrame:
    """Rows of two methods in which some columns have other values, types or names."""
    rows = made_up_rows({"identity": {"psnr": 20.0, "gcnr": 0.5}, "lee": {"psnr": range(4), "gcnr": 0.7}}, images=4)
    for column in draw(st.lists(st.sampled_from(sorted(rows.columns)), max_size=3, unique=True)):
        values = draw(
            st.sampled_from([texts, numbers, st.none(), json_values.map(_as_json), st.booleans()]).flatmap(
                lambda kind: st.lists(kind, min_size=len(rows), max_size=len(rows))
            )
        )
        rows[column] = values
    if draw(st.booleans()):
        rows = rows.drop(columns=draw(st.sampled_from(sorted(rows.columns))))
    if draw(st.booleans()):
        rows[draw(texts)] = draw(st.one_of(texts, numbers))
    return rows


def _as_json(value: object) -> str:
    return json.dumps(value)


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[int, bytes, int]]:
    """Some places of a file, the bytes that are put there, and how many they replace."""
    place, content = st.integers(0, 2**16), st.binary(max_size=8)
    return draw(st.lists(st.tuples(place, content, st.integers(0, 200)), min_size=1, max_size=4))


def changed(content: bytes, found: list[tuple[int, bytes, int]]) -> bytes:
    """Return the bytes of a file after changes."""
    for place, inserted, replaced in found:
        at = place % (len(content) + 1)
        content = content[:at] + inserted + content[at + replaced :]
    return content
