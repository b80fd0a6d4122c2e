"""Rows as matrices: the score of every method on every image of a board."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from usbench.board.controls import INPUT
from usbench.board.intervals import sum_by_group
from usbench.board.rows import with_tuning
from usbench.board.setting import Setting
from usbench.core.metric import Better, Metric


@dataclass(frozen=True)
class Scores:
    """One metric on one board.

    Attributes
    ----------
    metric
        What was measured.
    values
        (settings, samples); NaN where there is no value.
    asked
        (settings,), images that the metric was asked for.
    skipped
        (settings,), those of them that it does not apply to.
    """

    metric: Metric
    values: np.ndarray
    asked: np.ndarray
    skipped: np.ndarray

    @cached_property
    def counts(self) -> np.ndarray:
        """(settings,), how many values each setting has."""
        return (~np.isnan(self.values)).sum(axis=1)

    @cached_property
    def failed(self) -> np.ndarray:
        """(settings,), images that were lost to the method or to the metric."""
        return self.asked - self.counts - self.skipped

    @cached_property
    def absent(self) -> np.ndarray:
        """(settings,), images of the board that the setting was not run on."""
        return self.values.shape[1] - self.asked

    @cached_property
    def applies(self) -> np.ndarray:
        """(samples,), whether any setting has a value."""
        return ~np.isnan(self.values).all(axis=0)

    @cached_property
    def complete(self) -> np.ndarray:
        """(settings,), whether a setting has a value wherever another has one."""
        return self.counts == self.applies.sum()

    def means(self) -> np.ndarray:
        """Return (settings,), the mean over images with a value; NaN without any, infinite if a value is."""
        with np.errstate(invalid="ignore"):
            return np.nansum(self.values, axis=1) / np.where(self.counts > 0, self.counts, np.nan)

    def merits(self) -> np.ndarray:
        """Return (settings, samples) so that higher is better, see `merit`."""
        return merit(self.values, self.metric.better)


@dataclass(frozen=True)
class Board:
    """All settings on one split of one data set.

    Attributes
    ----------
    dataset, split, kind
        The label, `test` or another split, and `simulated` or `real`.
    settings
        In the order of the rows.
    samples, groups
        (samples,), sorted ids, and a whole number from 0 for the patient, volume or picture of each.
    scores
        By metric, in the order of the registry; metrics that were not asked for are left out.
    """

    dataset: str
    split: str
    kind: Literal["simulated", "real", "clean"]
    settings: tuple[Setting, ...]
    samples: np.ndarray
    groups: np.ndarray
    scores: Mapping[str, Scores]

    @property
    def input(self) -> int | None:
        """The index of the untouched input among the settings; None if it was not run."""
        places = [place for place, setting in enumerate(self.settings) if setting.method == INPUT]
        return places[0] if places else None


class Mentions(NamedTuple):
    """A column of JSON objects; each distinct text is parsed once."""

    codes: np.ndarray
    distinct: list[dict[str, str]]

    def __call__(self, name: str) -> np.ndarray:
        """Return (rows,), whether the object of a row has the name."""
        return np.array([name in found for found in self.distinct], dtype=bool)[self.codes]


def merit(values: np.ndarray, better: Better) -> np.ndarray:
    """Return values so that higher is better: unchanged, negated, or minus the distance to 1."""
    if better == "one":
        return -np.abs(values - 1)
    return values if better == "higher" else -values


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return one - other, which is 0 for two equal infinities."""
    with np.errstate(invalid="ignore"):
        return np.where(one == other, 0.0, one - other)


def group_means(scores: Scores, groups: np.ndarray) -> np.ndarray:
    """Return (settings, groups), the mean merit over the images of each group, which the tests compare.

    Images to which the metric does not apply are left out, and groups that have no others. A setting that lacks another
    image of a group has no mean there (NaN), so that the means of a group are always over the same images.
    """
    applies = scores.applies
    if not applies.any():
        return np.empty((len(scores.values), 0))
    sizes = sum_by_group(np.ones((1, applies.sum())), groups[applies])
    return _rounded(sum_by_group(scores.merits()[:, applies], groups[applies]) / sizes)


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return values in six digits: smaller differences, as of one image in two grey scales, are ties."""
    size = np.where(np.isfinite(values) & (values != 0), np.abs(values), 1.0)
    step = 10.0 ** (np.floor(np.log10(size)) - 5)
    return np.where(np.isfinite(values), np.round(values / step) * step, values)


def boards(rows: pd.DataFrame, metrics: Mapping[str, Metric]) -> Iterator[Board]:
    """Yield a board for every data set and split of the rows, in their order.

    Parameters
    ----------
    rows
        As `Store.read` returns them, each sample once for a setting.
    metrics
        By name; columns of the rows that are not among them are not metrics.
    """
    if not len(rows):
        return
    rows = with_tuning(rows)
    board_of, names = _numbered(rows, ["dataset", "split"])
    for number, (dataset, split) in enumerate(names):
        yield _board(dataset, split, rows[board_of == number], metrics)


def _board(dataset: str, split: str, frame: pd.DataFrame, metrics: Mapping[str, Metric]) -> Board:
    setting_of, settings = _numbered(frame, ["method", "params", "tuning"])
    sample_of, samples = pd.factorize(frame["sample"].astype(object), sort=True)
    scores = {}
    asked_for, skipped_by = _mentions(frame["specs"]), _mentions(frame["skipped"])
    for name, metric in metrics.items():
        asked = asked_for(name)
        if asked.any():
            values = np.full((len(settings), len(samples)), np.nan)
            if name in frame:
                values[setting_of[asked], sample_of[asked]] = frame[name].to_numpy(float)[asked]
            counts = [
                np.bincount(setting_of[which], minlength=len(settings)) for which in (asked, asked & skipped_by(name))
            ]
            scores[name] = Scores(metric, values, *counts)
    groups = _groups(frame, sample_of, len(samples))
    stated = _stated(frame, setting_of, len(settings))
    lines = tuple(
        Setting(method, params, tuning, trained_on)
        for (method, params, tuning), trained_on in zip(settings, stated, strict=True)
    )
    return Board(dataset, split, frame["kind"].iloc[0], lines, np.asarray(samples), groups, scores)


def _stated(frame: pd.DataFrame, setting_of: np.ndarray, settings: int) -> list[str]:
    """Return what the rows of each setting state that it was trained on."""
    if "trained_on" not in frame:
        return [""] * settings
    firsts = np.unique(setting_of, return_index=True)[1]
    return frame["trained_on"].astype(object).fillna("").iloc[firsts].tolist()


def _numbered(frame: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Return a number for each row, and the values of the columns by number, in the order of first appearance."""
    numbers = frame.groupby(columns, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    firsts = np.unique(numbers, return_index=True)[1]
    return numbers, [tuple(map(str, found)) for found in frame[columns].iloc[firsts].itertuples(index=False)]


def _mentions(texts: pd.Series) -> Mentions:
    codes, distinct = pd.factorize(texts)
    return Mentions(codes, [json.loads(text) for text in distinct])


def _groups(frame: pd.DataFrame, sample_of: np.ndarray, samples: int) -> np.ndarray:
    """Return a number for the group of each sample, from rows that succeeded where there are any.

    A row that was lost with its process does not know its group.
    """
    names = frame["group"].astype(object).to_numpy()
    known = (frame["status"] == "ok").to_numpy()
    found = np.empty(samples, dtype=object)
    found[sample_of] = names
    found[sample_of[known]] = names[known]
    return pd.factorize(found, sort=True)[0]
