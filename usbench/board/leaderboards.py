"""Everything that the leaderboards show, built once from rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from usbench.board.cards import dataset_cards, method_cards, method_notes, methods_left_out, weights_cards
from usbench.board.controls import base_name
from usbench.board.overview import Overview, overview
from usbench.board.speed import SpeedTable, current_speeds, speed_tables
from usbench.board.summary import BoardSummary, summarise
from usbench.board.training import Training, trainings
from usbench.board.transfer import Transfer, split_off, transfers
from usbench.board.wording import INTROS, meaning
from usbench.core.metric import Metric


@dataclass(frozen=True)
class Leaderboards:
    """All boards; whatever is left out is empty.

    Attributes
    ----------
    boards
        A summary per data set and split, by name.
    studies
        Summaries of the transfer board's rows, by name.
    speeds
        Rows of the speed board, as `current_speeds` returns them.
    trainings
        Lines of the training board.
    notes
        Footnotes by method: a licence that forbids commercial use, say.
    methods_left_out
        Why a run of all methods leaves some out, by name.
    metrics
        What each means, in a line.
    methods, datasets
        Cards by name and by label; methods and sets without a card are shown without.
    """

    boards: tuple[BoardSummary, ...] = ()
    studies: tuple[BoardSummary, ...] = ()
    speeds: pd.DataFrame = field(default_factory=pd.DataFrame)
    trainings: tuple[Training, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    methods_left_out: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[BoardSummary]:
        """Return the boards of a kind, `simulated` or `real`."""
        return [board for board in self.boards if board.kind == kind]

    def absences(self, kind: str) -> list[str]:
        """Return why methods that a run leaves out are not on all boards of a kind, a sentence each."""
        there = [{base_name(line.method) for line in board.lines} for board in self.of_kind(kind)]
        return [why for name, why in self.methods_left_out.items() if not all(name in names for names in there)]

    @cached_property
    def overviews(self) -> dict[str, Overview]:
        """The overview of each kind that has one."""
        found = {kind: overview(self.of_kind(kind)) for kind in INTROS}
        return {kind: seen for kind, seen in found.items() if seen}

    @cached_property
    def transfers(self) -> list[Transfer]:
        """The tables of the transfer board."""
        return transfers(self.studies)

    @cached_property
    def speed_tables(self) -> list[SpeedTable]:
        """The tables of the speed board, one per machine."""
        return speed_tables(self.speeds)


def leaderboards(rows: pd.DataFrame, speeds: pd.DataFrame, metrics: Mapping[str, Metric]) -> Leaderboards:
    """Return the boards of stored rows, with the cards and notes of the plugins that are registered here.

    Parameters
    ----------
    rows
        As `usbench.board.rows.current_rows` returns them.
    speeds
        Rows of the store's lane `speed`.
    metrics
        By name.
    """
    ordinary, studied = split_off(rows)
    current = current_speeds(speeds)
    return Leaderboards(
        boards=_by_name(summarise(ordinary, metrics)),
        studies=_by_name(summarise(studied, metrics)),
        speeds=current,
        trainings=tuple(trainings(weights_cards(), current)),
        notes=method_notes(),
        methods_left_out=methods_left_out(),
        metrics={name: meaning(metric) for name, metric in metrics.items()},
        methods=method_cards(),
        datasets=dataset_cards(ordinary["dataset"].unique()),
    )


def _by_name(boards: list[BoardSummary]) -> tuple[BoardSummary, ...]:
    return tuple(sorted(boards, key=lambda board: (board.dataset, board.split)))
