"""The page of the leaderboards, in a real browser where there is one."""

import json
import re
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from browser import CHROMIUM, act
from made_up_rows import made_up_rows
from PIL import Image

import usbench
from usbench.board.leaderboards import Leaderboards
from usbench.board.page.page import embedded, room_for_pictures, write_page
from usbench.board.page.payload import payload
from usbench.board.page.pictures import copy_pictures, read_pictures
from usbench.board.speed import current_speeds
from usbench.board.summary import summarise
from usbench.board.wording import meaning

in_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
METRICS = {name: usbench.load_metric(name) for name in ("psnr", "ssim", "gcnr", "mae")}
EVIL = "</script><script>window.ran=1</script><img src=x onerror=window.ran=1>"
RNG = np.random.default_rng(0)
FIGURE = {
    "params": "{}", "device": "cpu", "hardware": EVIL, "threads": 2, "size": 256, "batch": 1, "iqr_ms": 0.1,
    "rounds": 9, "prepare_s": 0.5, "peak_mib": 12.0, "device_mib": None, "parameters": None, "macs": None, "load": 0.0,
    "busy": False, "taken": "2026-01-01", "status": "ok", "reason": "", "key": "k",
}  # fmt: skip
SPEEDS = current_speeds(
    pd.DataFrame([FIGURE | {"method": EVIL, "median_ms": 100.0}, FIGURE | {"method": "lee", "median_ms": 9.0}])
)


def boards(rows: pd.DataFrame, speeds: pd.DataFrame | None = None) -> Leaderboards:
    summaries = sorted(summarise(rows, METRICS), key=lambda board: board.dataset)
    return Leaderboards(tuple(summaries), speeds=pd.DataFrame() if speeds is None else speeds)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    noise = RNG.normal(size=24)
    simulated = made_up_rows(
        {
            "identity": {"psnr": 10 + noise, "ssim": 0.2, "mae": 0.2},
            "gan-d": {"psnr": 30 + noise, "ssim": 0.8, "mae": 0.1},
            "median": {"psnr": 25 + noise, "ssim": 0.9, "mae": 0.15},
            EVIL: {"psnr": 20 + noise, "ssim": 0.3, "mae": 0.19},
        },
        images=24,
        dataset="d1",
    )
    lost = simulated["method"].eq("median") & simulated["sample"].eq("s0003")
    simulated.loc[lost, ["psnr", "status"]] = [np.nan, "failed"]
    real = made_up_rows(
        {"identity": {"gcnr": 0.5}, "bm3d": {"gcnr": 0.7}, "lee": {"gcnr": 0.6}}, kind="real", dataset=EVIL
    )
    rows = pd.concat([simulated, real])
    results = folder / "results"
    sample = results / "gallery" / "d1" / "s0000"
    sample.mkdir(parents=True)
    greys = {"uncertainty of " + EVIL: 30, "input": 50, "reference": 100, "gan-d": 110, EVIL: 80}
    for place, grey in enumerate(greys.values()):
        Image.fromarray(np.full((32, 48), grey, np.uint8)).save(sample / f"{place}.png")
    outline = np.zeros((32, 48, 2), np.uint8)
    outline[4, 4:9] = 255
    Image.fromarray(outline, mode="LA").save(sample / "regions.png")
    images = {label: f"{place}.png" for place, label in enumerate(greys)} | {"regions": "regions.png"}
    about = {"dataset": "d1", "split": "test", "sample": "s0000", "licence": "CC0", "citation": EVIL, "images": images,
             "white": {"uncertainty of " + EVIL: 0.1}}  # fmt: skip
    (sample / "about.json").write_text(json.dumps(about))
    cards = {
        "gan-d": {"title": "GAN", "family": "deep", "citation": EVIL},
        "median": {"family": "rank order"},
        EVIL: {"family": EVIL},
        "identity": {"family": "control"},
    }
    meanings = {name: meaning(metric) for name, metric in METRICS.items()}
    found = replace(boards(rows, SPEEDS), metrics=meanings, methods=cards, datasets={"d1": {"title": EVIL}})
    copy_pictures(results, folder)
    return write_page(payload(found, read_pictures(results), date="2026-01-02"), folder)


def test_the_page_is_one_file_with_licences_and_no_address_to_load_from(page):
    text = page.read_text(encoding="utf-8")
    assert len(text) < 3_000_000
    assert "SpryMedia" in text
    assert "Plotly" in text
    markup = text.partition("<script type")[0]
    assert not re.search(r"<(script|link|img|iframe)[^>]*\s(src|href)=(?![\"']?(#|data:))", markup)
    assert EVIL not in text
    assert "default-src 'none'" in text


@in_browser
def test_the_foot_has_version_and_date(page):
    said = act(page, "return one('#made').textContent")
    assert said == f"Written by usbench {version('usbench')}; the newest run is of 2026-01-02."


def test_pictures_fill_the_page_to_ten_megabytes_and_no_further(tmp_path, monkeypatch):
    data = payload(boards(made_up_rows({"a": {"psnr": 1.0}, "b": {"psnr": 2.0}})))
    room = room_for_pictures(data)
    data["pictures"] = [{"images": {"input": "x" * room}}]
    assert 9_000_000 < write_page(data, tmp_path).stat().st_size < 10_000_000
    monkeypatch.setattr("usbench.board.page.page.MOST_BYTES", 1000)
    assert room_for_pictures(data) == 0


def test_the_same_data_are_the_same_bytes(tmp_path):
    made = made_up_rows({"a": {"psnr": 1.0}, "b": {"psnr": 2.0}})
    pages = []
    for name, rows in (("1", made), ("2", made.iloc[::-1])):
        pages.append(write_page(payload(boards(rows)), tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_data_cannot_end_its_element():
    text = embedded({"a": "</script><!--", "b": "\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--", "b": "\u2028"}


@in_browser
def test_nothing_from_a_plugin_runs(page):
    found = act(
        page,
        """
        for (const view of VIEWS) { location.hash = address(view.label); await rest(100); }
        const names = DATA.boards[0].lines.map((line) => line.base);
        for (const name of names) { location.hash = comparison([names[0], name]); await rest(100); }
        return [window.ran, all('img').filter((image) => !/^(data|file):/.test(image.src)).length];
        """,
    )
    assert found == [None, 0]


@in_browser
def test_tables_sort_best_first_filter_and_show_metrics(page):
    names = "all('#table tbody tr').map((row) => row.querySelector('.name').textContent)"
    found = act(
        page,
        f"""
        location.hash = address('d1 (test)'); await rest(100);
        const told = {{ first: {names} }};
        told.keys = all('#table thead th').every((head) => head.tabIndex === 0 || head.querySelector('[tabindex="0"]'));
        const heads = all('#table thead th').map((head) => head.textContent);
        told.heads = heads;
        all('#table thead th')[heads.indexOf('ssim ↑')].click(); await rest();
        told.by_ssim = {names};
        told.sorted = one('#table thead th[aria-sort]').getAttribute('aria-sort');
        all('#table thead th')[heads.indexOf('ms ↓')].click(); await rest();
        told.by_time = {names};
        all('#table thead th')[heads.indexOf('ms ↓')].click(); await rest();
        told.slowest = {names};
        told.meaning = all('#table thead th')[heads.indexOf('ssim ↑')].title;
        one('#search').value = 'gan'; one('#search').dispatchEvent(new Event('input')); await rest();
        told.searched = {names};
        one('#search').value = ''; one('#search').dispatchEvent(new Event('input'));
        one('#family').value = 'rank order'; one('#family').dispatchEvent(new Event('change')); await rest();
        told.family = {names};
        const box = all('.columns label').find((label) => label.textContent.includes('mae')).querySelector('input');
        box.click(); await rest();
        told.more = all('#table thead th').map((head) => head.textContent);
        told.cells = all('#table tbody td').map((cell) => cell.textContent);
        return told;
        """,
    )
    assert found["first"] == ["gan-d", EVIL, "identity", "median"]
    assert found["by_ssim"] == ["median", "gan-d", EVIL, "identity"]
    assert found["sorted"] == "descending"
    assert found["by_time"][0] == EVIL  # the only one with a time: blanks are last in both directions
    assert found["slowest"][0] == EVIL
    assert found["meaning"] == "Structural similarity; higher is better"
    assert found["keys"]
    assert found["searched"] == ["gan-d"]
    assert found["family"] == ["median"]
    assert "mae ↓" not in found["heads"]
    assert "mae ↓" in found["more"]
    assert any("(1 failed)" in cell for cell in found["cells"])
    assert any(re.match(r"2\d\.\d\d\[2\d\.\d, 2\d\.\d\]", cell) for cell in found["cells"])


@in_browser
def test_the_list_is_grouped_searched_and_leads_to_every_board(page):
    found = act(
        page,
        """
        const shown = () => all('#list li').filter((item) => item.offsetParent).map((item) => item.textContent);
        const told = { groups: all('#list h2').map((head) => head.textContent), all: shown() };
        one('#find').value = 'simulated d1'; one('#find').dispatchEvent(new Event('input')); await rest();
        told.found = shown();
        one('#find').value = ''; one('#find').dispatchEvent(new Event('input'));
        told.titles = [];
        for (const link of all('#list a')) {
            link.click(); await rest(150);
            told.titles.push(one('main h2').textContent);
        }
        told.current = one('[aria-current=page]').textContent;
        told.machine = all('#machine0 tbody tr').map((row) => row.textContent);
        told.focus = document.activeElement.id;
        const labelled = (e) => (e.labels && e.labels.length) || e.textContent.trim() || e.getAttribute('aria-label');
        told.unlabelled = all('select, input, button').filter((e) => !labelled(e)).length;
        return told;
        """,
    )
    assert found["groups"] == ["Overview", "Simulated speckle", "Real B-mode", "Studies"]
    assert found["all"] == ["Which method?", "d1 (test)", f"{EVIL} (test)", "Speed"]
    assert found["found"] == ["d1 (test)"]
    assert found["titles"] == ["Which method for my purpose?", *found["all"][1:]]
    assert found["current"] == "Speed"
    assert found["machine"][0].startswith("lee9.00 ± 0.1")
    assert found["machine"][1].startswith(EVIL)
    assert found["focus"] == "board"
    assert found["unlabelled"] == 0


@in_browser
def test_cards_open_and_name_the_command(page):
    found = act(
        page,
        """
        location.hash = address('d1 (test)'); await rest(100);
        one('#table .name').click(); await rest();
        const told = { card: one('#card').open && one('#card').textContent };
        one('#card form button').click(); await rest();
        told.closed = !one('#card').open;
        return told;
        """,
    )
    assert "GAN" in found["card"]
    assert "usbench apply -m gan-d scan.dcm" in found["card"]
    assert found["closed"]


@in_browser
def test_on_a_phone_the_list_is_closed_until_it_is_asked_for(page):
    found = act(
        page,
        """
        const told = [one('#menu').open];
        one('#menu summary').click(); await rest();
        told.push(one('#menu').open);
        all('#list a')[1].click(); await rest(150);
        return [...told, one('#menu').open, one('main h2').textContent];
        """,
        width=360,
    )
    assert found == [False, True, False, "d1 (test)"]


@in_browser
def test_plots_are_drawn_and_follow_the_metric(page):
    found = act(
        page,
        """
        location.hash = address('d1 (test)'); await rest(1500);
        const told = { plots: all('.plot .main-svg').length, said: all('.plot p').map((p) => p.textContent) };
        one('#metric').value = '1'; one('#metric').dispatchEvent(new Event('change')); await rest(300);
        told.after = all('.plot p').map((p) => p.textContent);
        told.ticks = all('.plot')[0].querySelectorAll('.ytick').length;
        return told;
        """,
    )
    assert found["plots"] >= 3
    assert "Mean ranks by psnr over 24 groups" in found["said"][0]
    assert found["said"][1].endswith(f"both faster and better. {EVIL}.")  # the only one with a time
    assert "gan-d is higher in 24 of 24" in found["said"][2]
    assert "Mean ranks by ssim" in found["after"][0]
    assert found["ticks"] == 4


@in_browser
def test_images_flip_slide_and_differ(page):
    pixel = "(x) => [...one('.stage canvas').getContext('2d').getImageData(x, 4, 1, 1).data].slice(0, 3)"
    found = act(
        page,
        f"""
        location.hash = address('d1 (test)'); await rest(100);
        const pixel = {pixel};
        const set = async (input, value, event) => {{
            input.value = value; input.dispatchEvent(new Event(event)); await rest();
        }};
        const way = (number) => set(one('#way0'), number, 'change');
        const told = {{ options: all('#view-first0 option').map((option) => option.textContent) }};
        told.second = one('#view-second0').selectedOptions[0].textContent;
        told.slid = [pixel(2), pixel(40)];
        await set(one('.viewer input[type=range]'), 0, 'input');
        told.all_second = pixel(2);
        await way(0); told.first = pixel(2);
        told.said = one('.viewer [aria-live]').textContent;
        all('.viewer button').find((button) => button.textContent === 'Flip').click(); await rest();
        told.flipped = pixel(2);
        await way(3); told.difference = pixel(2);
        await way(4); told.ratio = pixel(2);
        one('.viewer input[type=checkbox]').click(); await rest();
        told.regions = [pixel(2), pixel(5)];
        told.size = [one('.stage canvas').width, one('.stage canvas').height];
        return told;
        """,
    )
    assert found["options"][:2] == ["input", "reference"]
    assert set(found["options"][2:4]) == {"gan-d", EVIL}
    assert found["options"][4:] == [f"uncertainty of {EVIL}, 0 to 0.1"]
    assert found["second"] == "gan-d"
    second = 110
    assert found["slid"] == [[50] * 3, [second] * 3]
    assert found["all_second"] == [second] * 3
    assert found["first"] == [50] * 3
    assert found["flipped"] == [second] * 3
    assert found["difference"] == [128 + 2 * (50 - second)] * 3
    assert found["ratio"] == [round(128 * 50 / second)] * 3
    assert found["regions"] == [[round(128 * 50 / second)] * 3, [255, 176, 0]]
    assert found["size"] == [48, 32]
    assert re.fullmatch(r"input \(psnr \S+ dB, ssim 0\.200\)", found["said"])


@in_browser
def test_an_uncertainty_is_one_more_picture_with_its_scale(page):
    found = act(
        page,
        """
        location.hash = address('d1 (test)'); await rest(100);
        for (const [id, value] of [['#way0', 0], ['#view-first0', 4]]) {
            one(id).value = value; one(id).dispatchEvent(new Event('change')); await rest();
        }
        const grey = one('.stage canvas').getContext('2d').getImageData(2, 2, 1, 1).data[0];
        return [grey, one('.viewer [aria-live]').textContent, one('.stage canvas').getAttribute('aria-label')];
        """,
    )
    said = f"uncertainty of {EVIL} (standard deviation: black is 0, white 0.1 of the grey range or more)"
    assert found == [30, said, f"Sample s0000: {said}"]


@in_browser
@pytest.mark.parametrize("width", [360, 1900])
def test_the_page_fits_phones_and_wide_screens_in_light_and_dark(page, width):
    found = act(
        page,
        """
        let wide = 0;
        for (const view of VIEWS) {
            location.hash = address(view.label); await rest(200);
            wide = Math.max(wide, document.documentElement.scrollWidth);
        }
        one('#theme').click(); await rest(300);
        const before = getComputedStyle(document.body).backgroundColor;
        one('#theme').click(); await rest(300);
        const after = getComputedStyle(document.body).backgroundColor;
        return [wide, innerWidth, before, after];
        """,
        width=width,
    )
    assert found[0] <= found[1]
    assert found[2] != found[3]


def test_times_are_those_of_the_speed_board():
    rows = made_up_rows({"lee": {"psnr": 1.0}, "median": {"psnr": 2.0}})
    (board,) = payload(boards(rows, SPEEDS))["boards"]
    assert {line["method"]: line["ms"] for line in board["lines"]} == {"lee": 9.0, "median": None}
    assert board["hardware"] == f"{EVIL}, cpu, 2 threads, 256 x 256 pixels"


def test_times_are_of_the_machine_and_size_that_tell_of_most_methods_of_the_board():
    figures = [
        ("lee", "Old", 128, 1.0), ("lee", "Old", 256, 4.0),
        ("lee", "New", 256, 3.0), ("median", "New", 256, 2.0), ("lee", "New", 512, 9.0), ("median", "New", 512, 8.0),
    ]  # fmt: skip
    taken = [FIGURE | {"method": m, "hardware": h, "size": s, "median_ms": t} for m, h, s, t in figures]
    rows = made_up_rows({"lee": {"psnr": 1.0}, "median": {"psnr": 2.0}})
    speeds = current_speeds(pd.DataFrame(taken))
    (board,) = payload(boards(rows, speeds))["boards"]
    assert {line["method"]: line["ms"] for line in board["lines"]} == {"lee": 3.0, "median": 2.0}
    assert board["hardware"] == "New, cpu, 2 threads, 256 x 256 pixels"
    (none,) = payload(boards(rows))["boards"]
    assert {line["ms"] for line in none["lines"]} == {None}


def test_a_setting_that_was_not_timed_has_the_time_of_its_defaults_and_says_so():
    taken = [
        FIGURE | {"method": "lee", "params": '{"size":7}', "median_ms": 9.0},
        FIGURE | {"method": "lee[size=3]", "params": '{"size":3}', "median_ms": 4.0},
        FIGURE | {"method": "median", "params": '{"size":5}', "size": 512, "median_ms": 20.0},
    ]
    tuning = json.dumps({"metric": "psnr", "split": "val", "trials": 40, "images": 8})
    settings = [("lee[size=5]", '{"size":5}', tuning), ("lee[size=3]", '{"size":3}', tuning),
                ("median", '{"size":5}', ""), ("frost", "{}", "")]  # fmt: skip
    rows = pd.concat(
        [made_up_rows({name: {"psnr": 1.0}}, params=params, tuning=told) for name, params, told in settings]
    )
    (board,) = payload(boards(rows, current_speeds(pd.DataFrame(taken))))["boards"]
    assert {line["method"]: (line["ms"], line["ms_note"]) for line in board["lines"]} == {
        "lee[size=5]": (9.0, "its defaults"),
        "lee[size=3]": (4.0, ""),
        "median": (20.0, "at 512²"),
        "frost": (None, ""),
    }
