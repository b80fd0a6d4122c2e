"""Results on what a method was trained on are marked on every board and take no part in the order."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from made_up_rows import made_up_rows

import usbench
from usbench import registry
from usbench.board import controls, in_distribution
from usbench.board.compare import compare
from usbench.board.delimited import quality_csv
from usbench.board.in_distribution import LEGEND, Seen, overlap, seen
from usbench.board.latex import latex
from usbench.board.leaderboards import Leaderboards
from usbench.board.markdown import quality_markdown
from usbench.board.overview import overview
from usbench.board.page.payload import payload
from usbench.board.scores import boards
from usbench.board.setting import Setting
from usbench.board.summary import BoardSummary, summarise
from usbench.board.verdict import finding, verdict
from usbench.core.method import Method, MethodCard

METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssim")}
NOISE = np.linspace(-1, 1, 12)


@dataclass(frozen=True)
class Net(Method):
    simulator: str = "varied"
    card = MethodCard(title="a", family="deep", trained_on=("mri+varied/train", "mri+gan-s/train", "hc18/train"))


@dataclass(frozen=True)
class Filter(Method):
    size: int = 5
    card = MethodCard(title="b", family="linear", tuned_on=("phantom+psf/val",))


@dataclass(frozen=True)
class Plain(Method):
    card = MethodCard(title="c", family="linear")


class Blur(Plain):
    card = MethodCard(title="d", family="controls")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Four methods of our own instead of those that are registered."""
    known = {"net": Net, "filter": Filter, "plain": Plain, "blur-8": Blur}
    monkeypatch.setattr(registry, "names", lambda kind: list(known))
    monkeypatch.setattr(registry, "find", lambda kind, name: registry.Plugin(kind, name, "here", known[name]))
    caches = (in_distribution._trained_on, controls.registered_card)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize(
    ("names", "dataset", "expected"),
    [
        (["phantom+varied/train"], "phantom+varied", (True, True)),
        (["phantom[count=9]+varied[finest=1]/train"], "phantom[count=48]+varied[coarsest=3]", (True, True)),
        (["phantom+varied/train"], "phantom+psf[axial=3]", (True, False)),
        (["phantom+varied/train"], "leaves+varied", (False, True)),
        (["phantom+varied/train"], "leaves+psf", (False, False)),
        (["phantom+varied/train", "mri+psf/train"], "phantom+psf", (True, True)),
        (["hc18/train"], "hc18", (True, False)),
        (["hc18/train"], "hc18+lesions", (True, False)),
        (["mri+gan-s/train"], "mri+psf", (True, False)),
        (["mri+gan-s/train"], "leaves+gan-s", (False, True)),
        (["mri+psf/train"], "phantom+psf+lesions", (False, True)),
        (["psf/train"], "mri+psf", (False, False)),  # a source of that name is no simulator
        (["mri-two/train"], "mri", (False, False)),
        ([], "mri+psf", (False, False)),
        (["mri+psf/train"], "not [a name", (False, False)),
    ],
)
def test_sources_and_simulators_are_compared_without_parameters(names, dataset, expected):
    assert overlap(names, dataset) == expected


def setting(method: str, params: str = "{}", tuning: str = "") -> Setting:
    return Setting(method, params, tuning)


@pytest.mark.parametrize(
    ("asked", "dataset", "words", "mark"),
    [
        (setting("net"), "mri+varied", "trained on source and simulator", "ⓘⓢ"),
        (setting("net"), "mri+rayleigh", "trained on source", "ⓘ"),
        (setting("net"), "leaves+gan-s", "trained on simulator", "ⓢ"),
        (setting("net"), "leaves+psf", "", ""),
        (setting("net[simulator=psf]", '{"simulator": "psf"}'), "leaves+psf", "trained on simulator", "ⓢ"),
        (setting("net", '{"former": 1}'), "hc18", "trained on source", "ⓘ"),
        (setting("filter"), "phantom+psf", "", ""),
        (setting("filter[size=7]", '{"size": 7}'), "phantom+psf", "", ""),
        (setting("filter", tuning='{"metric": "ssim"}'), "phantom+psf", "", ""),
        (setting("plain"), "phantom+psf", "", ""),
        (setting("somebody-elses"), "mri+varied", "", ""),
    ],
)
def test_what_a_method_has_seen_is_on_its_card_and_in_its_parameters(asked, dataset, words, mark):
    found = seen(asked, dataset)
    assert (found.words, found.mark, bool(found)) == (words, mark, bool(mark))


SCORES = {
    "net": {"psnr": 40 + NOISE, "ssim": 0.9},
    "plain": {"psnr": 30 + NOISE, "ssim": 0.8},
    "filter": {"psnr": 25 + NOISE, "ssim": 0.7},
    "other": {"psnr": 20 + NOISE, "ssim": 0.6},
    "identity": {"psnr": 10 + NOISE, "ssim": 0.5},
}


def board(dataset: str = "mri+rayleigh") -> BoardSummary:
    (found,) = summarise(made_up_rows(SCORES, dataset=dataset), METRICS)
    return found


def test_a_marked_cell_is_neither_best_nor_has_it_a_place_and_those_below_move_up():
    lines = {line.method: line for line in board().lines}
    assert list(lines) == ["net", "plain", "filter", "other", "identity"]  # where its mean puts it
    for metric in METRICS:
        cell = lines["net"].cells[metric]
        assert (cell.place, cell.best, cell.second, cell.alike, cell.p_best, cell.mean_rank) == (
            None, False, False, False, None, None,
        )  # fmt: skip
        assert cell.mean is not None
        assert [lines[name].cells[metric].place for name in ("plain", "filter", "other", "identity")] == [1, 2, 3, 4]
        assert lines["plain"].cells[metric].best
        assert lines["filter"].cells[metric].second
        assert lines["plain"].cells[metric].mean_rank == 1
    assert board().first.rivals == 3
    assert lines["net"].seen == Seen(source=True)
    on_another = {line.method: line for line in board("leaves+rayleigh").lines}
    assert on_another["net"].cells["psnr"].best


def test_every_renderer_marks_every_cell_and_explains_the_mark():
    made = board("mri+varied")
    markdown = quality_markdown("simulated", [made], None, {})
    (line,) = (line for line in markdown.splitlines() if line.startswith("| net"))
    assert line.count(" ⓘⓢ") == len(METRICS)
    assert "**" not in line
    assert LEGEND in markdown
    tex = latex("simulated", [made])
    (line,) = (line for line in tex.splitlines() if line.startswith("net"))
    assert line.count(r"\textsuperscript{is}") == len(METRICS)
    assert r"\textbf" not in line
    assert "i, trained on other images of this source; s, on the speckle of this simulator" in tex
    rows = list(csv.DictReader(io.StringIO(quality_csv([made]))))
    words = {row["method"]: row["in_distribution"] for row in rows}
    assert words == dict.fromkeys(SCORES, "") | {"net": "trained on source and simulator"}
    assert {row["place"] for row in rows if row["method"] == "net"} == {""}
    (sent,) = payload(Leaderboards((made,)))["boards"]
    assert {line["method"]: (line["seen"], line["seen_words"]) for line in sent["lines"]} == dict.fromkeys(
        SCORES, ("", "")
    ) | {"net": ("ⓘⓢ", "trained on source and simulator")}
    assert payload(Leaderboards((made,)))["in_distribution"] == LEGEND


def test_a_board_without_such_results_has_no_marks():
    made = board("leaves+rayleigh")
    assert "ⓘ" not in quality_markdown("simulated", [made], None, {}).partition("## leaves")[2]
    assert "textsuperscript" not in latex("simulated", [made])


def test_the_overview_is_of_sets_that_no_method_was_trained_on():
    names = ("mri+rayleigh", "leaves+rayleigh", "abdomen+rayleigh", "abdomen+psf")
    rows = pd.concat([made_up_rows(SCORES, dataset=name) for name in names])
    found = overview(summarise(rows, METRICS))
    assert found.datasets == ("leaves+rayleigh (test)", "abdomen+rayleigh (test)", "abdomen+psf (test)")
    assert found.trained_on == ("mri+rayleigh (test)",)
    assert [name for name, *_ in found.lines] == ["net", "plain", "filter", "other", "identity"]
    text = quality_markdown("simulated", summarise(rows, METRICS), found, {})
    assert "left out because a method was trained on their source or simulator: mri+rayleigh (test)." in text
    only_trained = [board("mri+rayleigh"), board("mri+varied"), board("leaves+psf")]
    assert overview(only_trained) is None


def test_a_comparison_marks_such_contrasts_and_does_not_count_them():
    rows = pd.concat([made_up_rows(SCORES, dataset=name) for name in ("mri+rayleigh", "leaves+rayleigh")])
    found = compare(boards(rows, METRICS), "net", "plain", ["psnr"])
    assert [contrast.seen[0].mark for contrast in found] == ["ⓘ", ""]
    assert [contrast.winner for contrast in found] == [0, 0]
    assert verdict(found, "net", "plain") == (
        "net is better than plain in 1 of 1 comparison and worse in 0; 0 are undecided (paired t test at 5 %, Holm "
        "over 2). 1 more comparison is in distribution for one of the two (ⓘ, ⓢ) and not counted."
    )
    assert finding(found[0], "net", "plain").startswith(
        "In distribution (net was trained on source): on mri+rayleigh (12 images, 12 groups) net is better"
    )
    assert verdict(found[:1], "net", "plain").startswith("1 of 1 comparisons are in distribution")


def test_a_control_wins_no_metric_that_orders_a_board():
    scores = {
        "plain": {"psnr": 30 + NOISE, "ssim": 0.8},
        "filter": {"psnr": 25 + NOISE, "ssim": 0.9},
        "blur-8": {"psnr": 31 + NOISE, "ssim": 0.3},
    }
    (made,) = summarise(made_up_rows(scores), METRICS)
    assert made.first.name == "ssim"
    assert [(column.name, column.control) for column in made.passed_over] == [("psnr", "blur-8")]
    assert [line.method for line in made.lines] == ["filter", "plain", "blur-8"]
    assert {line.method: line.role for line in made.lines}["blur-8"] == "control"
    text = quality_markdown("simulated", [made], None, {})
    assert "Ordered by ssim. psnr does not order this board: by it the control blur-8 is ahead of every method." in text
    assert "| *blur-8* |" in text
    assert text.index("ssim ↑ |") < text.index("psnr, dB ↑ |")
    (sent,) = payload(Leaderboards((made,)))["boards"]
    assert [metric["name"] for metric in sent["metrics"]] == ["ssim", "psnr"]


def test_a_tie_with_a_control_is_no_lead_and_a_control_that_lacks_an_image_does_not_count():
    tie = {"plain": {"psnr": 30 + NOISE}, "blur-8": {"psnr": 30 + NOISE}}
    (made,) = summarise(made_up_rows(tie), METRICS)
    assert (made.first.name, made.first.control, made.passed_over) == ("psnr", "", ())
    rows = made_up_rows({"plain": {"psnr": 30 + NOISE}, "blur-8": {"psnr": 40 + NOISE}})
    rows.loc[(rows["method"] == "blur-8") & (rows["sample"] == "s0003"), ["psnr", "status"]] = [np.nan, "failed"]
    (made,) = summarise(rows, METRICS)
    assert made.first.control == ""


def test_where_a_control_leads_on_every_metric_the_first_orders_and_the_board_says_so():
    scores = {"plain": {"psnr": 30.0, "ssim": 0.8}, "constant": {"psnr": 31.0, "ssim": 0.9}}
    (made,) = summarise(made_up_rows(scores), METRICS)
    assert (made.first.name, made.passed_over) == ("psnr", ())
    text = quality_markdown("simulated", [made], None, {})
    assert "By every metric a control is ahead of every method, by this one constant." in text
    (alone,) = summarise(made_up_rows({"constant": {"psnr": 31.0}}), METRICS)
    assert alone.first.control == ""


def test_an_order_that_is_chance_is_called_so():
    rng = np.random.default_rng(0)
    chance = {f"m{n}": {"psnr": 20 + rng.normal(size=12)} for n in range(20)}
    clear = {f"m{n}": {"psnr": 20 + n + 0.1 * rng.normal(size=12)} for n in range(20)}
    for scores, said in ((chance, "below 0.5: the order is chance."), (clear, "Split-half Kendall tau 1.00.")):
        (made,) = summarise(made_up_rows(scores), METRICS)
        assert said in quality_markdown("simulated", [made], None, {})
        assert said in latex("simulated", [made])
        (sent,) = payload(Leaderboards((made,)))["boards"]
        assert said in sent["about"]
        assert sent["metrics"][0]["tau"] == pytest.approx(made.first.tau, rel=1e-5)
        rows = list(csv.DictReader(io.StringIO(quality_csv([made]))))
        assert {float(row["split_half_tau"]) for row in rows} == {made.first.tau}


def test_marked_methods_take_no_part_in_the_split_halves():
    rng = np.random.default_rng(1)
    scores = {name: {"psnr": 20 + rng.normal(size=12)} for name in ("plain", "filter", "x", "y")}
    with_net = scores | {"net": {"psnr": 90.0}}
    with_control = scores | {"identity": {"psnr": 1.0}}
    taus = [
        summarise(made_up_rows(made, dataset="mri+rayleigh"), METRICS)[0].first.tau
        for made in (scores, with_net, with_control)
    ]
    assert taus[0] == taus[1] == taus[2]


def test_other_settings_are_a_table_of_their_own_in_latex():
    (made,) = summarise(made_up_rows({"plain": {"psnr": 1.0}, "plain[a=1]": {"psnr": 2.0}}), METRICS)
    tex = latex("simulated", [made])
    assert tex.index("plain &") < tex.index(r"\multicolumn{4}{l}{other settings} \\") < tex.index("plain{[}a=1{]} &")


def test_marks_of_the_transfer_board():
    from usbench.board.transfer import transfers
    from usbench.board.transfer_tables import MARKS, transfer_markdown

    rows = [made_up_rows({"identity": {"ssim": 0.2}}, dataset="mri+psf", images=12)]
    for simulator in ("psf", "rayleigh"):
        params = json.dumps({"simulator": simulator})
        rows.append(made_up_rows({f"net[simulator={simulator}]": {"ssim": 0.5}}, dataset="mri+psf", params=params))
    text = transfer_markdown(transfers(summarise(pd.concat(rows), METRICS)))
    assert "| psf | **0.500** ⓘⓢ" in text
    assert "| rayleigh | 0.500 ⓘ" in text
    assert MARKS in text


def test_a_line_is_marked_as_its_cells_are():
    line = board().lines[0]
    assert all(cell.seen == line.seen for cell in line.cells.values())
    assert not replace(line.cells["psnr"], seen=Seen()).seen
