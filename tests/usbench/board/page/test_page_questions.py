"""What a reader asks the page, in clicks; side by side; pictures from the folder; axe-core."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from accessibility import violations
from browser import CHROMIUM, act
from made_up_rows import made_up_rows
from PIL import Image

import usbench
from usbench.board.leaderboards import Leaderboards
from usbench.board.page import pictures
from usbench.board.page.page import write_page
from usbench.board.page.payload import leading, payload
from usbench.board.speed import current_speeds
from usbench.board.summary import summarise
from usbench.board.wording import meaning

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
METRICS = {name: usbench.load_metric(name) for name in ("psnr_affine", "ssim", "gcnr", "ssi", "epi_beta")}
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=24)
MS = {"bm3d": 900.0, "gan-d": 60.0, "median": 4.0, "mean": 0.5, "lee": 7.0, "frost": 30.0}
ANATOMY = {"neck": "vessel", "drawn": "phantom", "heart": "heart", "belly": "abdomen"}


def simulated(dataset: str, **quality: float) -> pd.DataFrame:
    scores = {
        name: {"psnr_affine": value + NOISE, "ssim": value / 40, "ssi": 1 - value / 50}
        for name, value in {"identity": 10.0, **quality}.items()
    }
    return made_up_rows(scores, images=24, dataset=dataset)


def real(dataset: str, **quality: float) -> pd.DataFrame:
    scores = {
        name: {"gcnr": value + NOISE / 1000, "epi_beta": 0.5, "ssi": 1 - value}
        for name, value in {"identity": 0.2, **quality}.items()
    }
    return made_up_rows(scores, images=24, dataset=dataset, kind="real")


def speeds() -> pd.DataFrame:
    figure = {
        "params": "{}", "device": "cpu", "hardware": "A machine", "threads": 2, "size": 256, "batch": 1, "iqr_ms": 0.1,
        "rounds": 9, "prepare_s": 0.5, "peak_mib": 12.0, "device_mib": None, "parameters": None, "macs": None,
        "load": 0.0, "busy": False, "taken": "2026-01-01", "status": "ok", "reason": "", "key": "k",
    }  # fmt: skip
    found = [figure | {"method": name, "median_ms": ms} for name, ms in MS.items()]
    found[-1] |= {"size": 512}  # frost was timed at another size alone
    return current_speeds(pd.DataFrame(found))


def make_pictures(results):
    for dataset in ("neck", "heart"):
        folder = results / "gallery" / dataset / "s0000"
        folder.mkdir(parents=True)
        greys = {"input": 50, "reference": 100, "gan-d": 110, "bm3d": 120, "median": 90}
        for name, grey in greys.items():
            Image.fromarray(np.full((32, 48), grey, np.uint8)).save(folder / f"{name}.png")
        about = {"dataset": dataset, "split": "test", "sample": "s0000", "licence": "CC0", "citation": "nobody",
                 "images": {name: f"{name}.png" for name in greys}}  # fmt: skip
        (folder / "about.json").write_text(json.dumps(about))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    rows = pd.concat(
        [
            simulated("neck", bm3d=27, **{"gan-d": 33}, median=22, mean=15, lee=20, frost=21),
            simulated("drawn", bm3d=35, **{"gan-d": 30}, median=25, mean=16, lee=20, frost=21),
            real("heart", bm3d=0.8, **{"gan-d": 0.7}, median=0.5, mean=0.3, lee=0.4, frost=0.45),
            real("belly", bm3d=0.6, **{"gan-d": 0.5}, median=0.4, mean=0.3, lee=0.35, frost=0.38),
        ]
    )
    boards = tuple(sorted(summarise(rows, METRICS), key=lambda board: board.dataset))
    found = Leaderboards(
        boards,
        speeds=speeds(),
        metrics={name: meaning(metric) for name, metric in METRICS.items()},
        methods={"gan-d": {"title": "GAN", "family": "deep"}, "bm3d": {"title": "BM3D", "family": "patches"}},
        datasets={name: {"title": name, "anatomy": anatomy} for name, anatomy in ANATOMY.items()},
    )
    make_pictures(folder / "results")
    leader = {"neck": "gan-d", "heart": "bm3d"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "FIRST", 1)  # the leading method of each set
        all_of_them = pictures.read_pictures(folder / "results", leading(boards))
        first = [one["images"][name] for one in all_of_them for name in ("input", "reference", leader[one["dataset"]])]
        told = pictures.read_pictures(folder / "results", leading(boards), sum(map(len, first)))
        assert [len(one["images"]) for one in told] == [3, 3]
    pictures.copy_pictures(folder / "results", folder)
    return write_page(payload(found, told), folder)


CLICKS = """
let clicks = 0;
const press = async (node) => { clicks += 1; node.click(); await rest(150); };
const chip = (name) => all('.chips label').find((label) => label.textContent.trim() === name).querySelector('input');
const box = (name) => all('#all .pick').find((pick) => pick.dataset.name === name);
const said = () => one('#said').textContent;
const first = () => one('.answer .name').textContent;
"""


def test_best_for_carotid_is_one_click(page):
    found = act(
        page, CLICKS + "await press(chip('Vessels (carotid)')); return [clicks, first(), one('#said').textContent];"
    )
    assert found == [1, "gan-d", "Vessels (carotid), all round: gan-d first, of 6 methods on 1 simulated set."]


def test_gan_d_or_bm3d_on_real_images_is_two_clicks(page):
    found = act(
        page, CLICKS + "await press(box('gan-d')); await press(box('bm3d')); return [clicks, one('#said').textContent];"
    )
    said = "Real images: gan-d is ahead on 0 of 2 sets, bm3d on 2."
    assert found == [2, f"{said} Simulated speckle: gan-d is ahead on 1 of 2 sets, bm3d on 1."]


def test_best_under_5_ms_is_one_click(page):
    found = act(page, CLICKS + "await press(chip('5 ms')); return [clicks, first(), one('#said').textContent];")
    assert found == [
        1,
        "median",
        "Real B-mode, all round, at most 5 ms an image: median first, of 6 methods on 2 real sets.",
    ]


def test_the_front_has_no_method_that_another_beats_in_quality_and_time(page):
    found = act(
        page,
        CLICKS
        + """
        const names = () => all('.answer .name').map((name) => name.textContent);
        const told = [names()];
        await press(chip('Speed')); told.push(names());
        return told;
        """,
    )
    assert found == [["bm3d", "gan-d", "median", "mean"], ["mean", "median", "gan-d", "bm3d"]]


def test_where_one_method_beats_all_the_next_ones_are_shown_and_marked(page):
    found = act(
        page,
        f"""{CLICKS}
        await press(chip('Vessels (carotid)')); await press(chip('Structure kept'));
        return all('.answer').slice(0, 4).map((card) => card.textContent);
        """,
    )
    places = [card for card in found if card[0].isdigit()]
    assert [card.split()[1] for card in places][:1] == ["gan-dGAN,"]
    assert ["Beaten by those before it" in card for card in places] == [False, True, True]


def test_what_is_not_measured_is_said(page):
    found = act(
        page,
        f"""{CLICKS}
        DATA.boards.forEach((board) => board.metrics.splice(1));
        await press(chip('Structure kept')); return said();
        """,
    )
    assert found == "Real B-mode: structure kept is not measured on these sets."


def test_answers_have_pictures_and_lead_to_boards(page):
    found = act(
        page,
        """
        await rest(300);
        const told = { pictures: all('.answer img').map((image) => [image.alt, image.naturalWidth]) };
        const link = all('main a').find((one) => one.textContent === 'heart (test)');
        link.click(); await rest(200);
        told.head = one('main h2').textContent;
        return told;
        """,
    )
    assert ["heart, s0000: input", 48] in found["pictures"]
    assert ["heart, s0000: bm3d", 48] in found["pictures"]  # in the page
    assert ["heart, s0000: gan-d", 48] in found["pictures"]  # in the folder beside it
    assert found["head"] == "heart (test)"


def test_a_time_at_another_size_says_so(page):
    rows = act(
        page,
        """
        location.hash = address('neck (test)'); await rest(200);
        return all('#table tbody tr').map((row) => [row.querySelector('.name').textContent, row.lastChild.textContent]);
        """,
    )
    assert dict(rows) | {"frost": "30.0at 512²", "gan-d": "60.0", "identity": "–"} == dict(rows)


def test_two_methods_side_by_side_with_their_pictures(page):
    found = act(
        page,
        """
        location.hash = comparison(['gan-d', 'bm3d']); await rest(300);
        const cells = (row) => [...row.cells].slice(0, 7).map((cell) => cell.textContent);
        const told = { rows: all('#duel tbody tr').map(cells) };
        told.view = one('.viewer [aria-live]').textContent;
        one('#way0').value = 3; one('#way0').dispatchEvent(new Event('change')); await rest(200);
        told.difference = one('.viewer [aria-live]').textContent;
        one('#compare-second').value = 3; one('#compare-second').dispatchEvent(new Event('change')); await rest(300);
        told.head = one('main h2').textContent;
        return told;
        """,
    )
    assert [row[0] for row in found["rows"]] == ["belly (test)", "heart (test)", "drawn (test)", "neck (test)"]
    assert [row[5] for row in found["rows"]] == ["bm3d", "bm3d", "bm3d", "gan-d"]
    assert [row[6] for row in found["rows"]] == ["0 of 24", "0 of 24", "0 of 24", "24 of 24"]
    assert found["view"].startswith("gan-d (gcnr")
    assert "only where the page is served" in found["difference"]  # gan-d's picture is in the folder
    assert found["head"] == "gan-d and identity"


def test_without_the_folder_a_sentence_names_the_missing_file(page, tmp_path):
    alone = tmp_path / "index.html"
    shutil.copyfile(page, alone)
    said = act(
        alone,
        """
        location.hash = address('heart (test)'); await rest(300);
        one('#view-first0').value = 3; one('#view-first0').dispatchEvent(new Event('change')); await rest(200);
        window.wrong = window.wrong.filter((said) => !said.includes('Failed to load'));
        return one('.viewer [aria-live]').textContent;
        """,
    )
    assert said == "There is no pictures/heart/s0000/gan-d.png beside this page; usbench tables writes it."


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("view", ["Which method?", "neck (test)", "All real sets", "Speed", "compare gan-d with bm3d"])
def test_axe_finds_nothing(page, view, width, dark):
    theme = "one('#theme').click();" if dark else ""
    go = f"location.hash = address({json.dumps(view)}); await rest(800); {theme} await rest(100);"
    assert violations(page, go, width=width) == []


def test_axe_would_find_a_control_without_a_name(page):
    found = violations(page, "one('main').append(document.createElement('select'));")
    assert [rule for rule, _ in found] == ["select-name"]
