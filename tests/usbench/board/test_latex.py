"""LaTeX tables: well-formed, escaped, best bold and second underlined, and compiled where there is a LaTeX."""

import re
import shutil
import subprocess

import pytest
from made_up_rows import made_up_rows

import usbench
from usbench.board.latex import escape, latex
from usbench.board.summary import summarise

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssim", "enl")}
HOSTILE = r"my_filter[a=50%,b=\input{x}] & ~^#$<|>ω→"
DOCUMENT = "\\documentclass{article}\n\\usepackage{booktabs,longtable}\n\\begin{document}\n%s\n\\end{document}\n"


def table() -> str:
    rows = made_up_rows(
        {
            "identity": {"psnr": 40.0, "ssim": 0.9, "enl": float("inf")},
            "a": {"psnr": 21.0, "ssim": 0.7, "enl": 3.0},
            "b": {"psnr": range(20, 32), "ssim": 0.8, "enl": 4.0},
            HOSTILE: {"psnr": 19.0, "ssim": 0.6, "enl": 5.0},
        },
        dataset="mri[count=2]+psf_100%",
    )
    return latex("simulated", summarise(rows, METRICS))


def test_best_is_bold_second_is_underlined_and_controls_do_not_compete():
    text = table()
    assert r"\textbf{25.50}" in text
    assert r"\underline{21.00}" in text
    assert r"\textbf{0.800}" in text
    assert r"\textbf{5.000}" in text
    assert r"\emph{identity} &" in text
    assert r"\textbf{40.00}" not in text
    assert r"$\infty$" in text


def test_every_line_has_the_columns_that_were_declared_and_braces_and_environments_match():
    text = table()
    columns = len(re.search(r"\\begin\{longtable\}\{([lr]+)\}", text)[1])
    body = [line for line in text.splitlines() if line.endswith(r" \\")]
    assert len(body) == 5
    for line in body:
        assert len(re.findall(r"(?<!\\)&", line)) == columns - 1
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert re.findall(r"\\(begin|end)\{(\w+)\}", text) == [("begin", "longtable"), ("end", "longtable")]
    special = re.sub(r"\\[#$%&_]|\$[^$]*\$", "", text.partition("\n")[2].replace(r"\$", "")).replace(" & ", " ")
    assert not re.search(r"[#$%&_^~]", special)


def test_escaped_text_has_no_command_of_its_own():
    escaped = escape(HOSTILE)
    assert re.findall(r"\\[a-zA-Z]+", escaped) == [
        r"\textbackslash", r"\textasciitilde", r"\textasciicircum", r"\textless", r"\textbar", r"\textgreater",
        r"\rightarrow",
    ]  # fmt: skip
    assert "ω" not in escaped


@pytest.mark.skipif(not shutil.which("pdflatex") and not shutil.which("tectonic"), reason="there is no LaTeX here")
def test_it_compiles(tmp_path):
    (tmp_path / "board.tex").write_text(DOCUMENT % table())
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"] if shutil.which("pdflatex") else ["tectonic"]
    done = subprocess.run([*command, "board.tex"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "board.pdf").stat().st_size > 1000
