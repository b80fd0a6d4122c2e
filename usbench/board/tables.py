"""Leaderboards on disk."""

from pathlib import Path

from usbench.board.delimited import quality_csv
from usbench.board.growth import growth_figure
from usbench.board.latex import latex
from usbench.board.leaderboards import Leaderboards
from usbench.board.lesions import lesion_figure
from usbench.board.markdown import quality_markdown, speed_markdown
from usbench.board.speed import speed_csv
from usbench.board.training import training_csv, training_markdown
from usbench.board.transfer_tables import transfer_figure, transfer_markdown
from usbench.board.wording import INTROS
from usbench.core.errors import StoreError


def write_tables(leaderboards: Leaderboards, folder: Path) -> list[Path]:
    """Write `simulated` and `real` as .md, .csv and .tex, the other boards as .md and .csv, and return the files.

    The others are `speed`, and, where there is something to show, `transfer` and `training`. Where methods
    were timed at four sizes or more, `figures/growth.png` shows how their times grow; where real images have inserted
    lesions, `figures/lesions.png` shows how methods respond to them. The same boards give the same bytes.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    texts = {}
    for kind in INTROS:
        boards = leaderboards.of_kind(kind)
        texts[f"{kind}.md"] = quality_markdown(
            kind, boards, leaderboards.overviews.get(kind), leaderboards.notes, leaderboards.absences(kind)
        )
        texts[f"{kind}.csv"] = quality_csv(boards)
        texts[f"{kind}.tex"] = latex(kind, boards)
    texts["speed.md"] = speed_markdown(leaderboards.speed_tables, leaderboards.notes)
    texts["speed.csv"] = speed_csv(leaderboards.speeds)
    if leaderboards.transfers:
        texts["transfer.md"] = transfer_markdown(leaderboards.transfers)
        texts["transfer.csv"] = quality_csv(leaderboards.studies)
    if leaderboards.trainings:
        texts["training.md"] = training_markdown(leaderboards.trainings)
        texts["training.csv"] = training_csv(leaderboards.trainings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StoreError(f"The leaderboards cannot be written to {folder}: {error.strerror or error}.") from None
    growth, shares, lesions = (folder / "figures" / f"{name}.png" for name in ("growth", "transfer", "lesions"))
    drawn = {
        growth: growth_figure(leaderboards.speeds, growth),
        shares: transfer_figure(leaderboards.transfers, shares),
        lesions: lesion_figure(leaderboards.of_kind("real"), lesions),
    }
    return [*(folder / name for name in texts), *(path for path, there in drawn.items() if there)]
