"""Whether all rows of a column are of the same data and the same definition of the metric."""

import json
from collections.abc import Mapping

import pandas as pd


def mixed_versions(rows: pd.DataFrame, source: str) -> str:
    """Return what would mix versions of a data set, of its images, or of a metric in one column; empty if nothing does.

    Parameters
    ----------
    rows
        Those that count.
    source
        The column that tells where a row is from, for the sentence: `folder`, `method`.
    """
    findings = (find(rows, source) for find in (_data, _images, _definitions))
    finding = next(filter(None, findings), "")
    return f"{finding} They cannot stand in one column; run one of them again with the other's code." if finding else ""


def _data(rows: pd.DataFrame, source: str) -> str:
    """Other code may make the same data: it counts as another version unless every image is known to be the same."""
    distinct = rows[["dataset", "split", "dataset_version", "data_hash", source]].drop_duplicates()
    for (dataset, split), here in distinct.groupby(["dataset", "split"], sort=True, observed=True):
        found = _sources_by(
            here["dataset_version"].astype(str) + ", content " + here["data_hash"].astype(str), here[source]
        )
        if len(found) > 1 and not _proven_same(rows, dataset, split):
            return f"The data set {dataset} ({split}) is version {_told(found)}."
    return ""


def _proven_same(rows: pd.DataFrame, dataset: object, split: object) -> bool:
    """Return whether all contents of a data set have images in common, each judged by the same truth."""
    here = rows[(rows["dataset"] == dataset) & (rows["split"] == split)]
    if "truth_hash" not in here or here["dataset_version"].nunique() > 1:
        return False
    known = here[here["truth_hash"].fillna("") != ""]
    contents = known[["data_hash", "sample", "input_hash", "truth_hash"]].drop_duplicates()
    shared = contents.groupby("sample")["data_hash"].nunique() == here["data_hash"].nunique()
    return (
        bool(shared.any())
        and not contents.duplicated(["data_hash", "sample"]).any()
        and all(contents.groupby("sample")[column].nunique().le(1).all() for column in ("input_hash", "truth_hash"))
    )


def _images(rows: pd.DataFrame, source: str) -> str:
    known = rows[rows["input_hash"] != ""]
    distinct = known.drop_duplicates(["dataset", "split", "sample", "input_hash"])
    repeated = distinct[distinct.duplicated(["dataset", "split", "sample"])]
    if not len(repeated):
        return ""
    first = repeated.sort_values(["dataset", "split", "sample"]).iloc[0]
    columns = ["dataset", "split", "sample"]
    here = known[(known[columns] == first[columns]).all(axis=1)]
    found = _sources_by(here["input_hash"], here[source])
    return f"The image {first['sample']} of {first['dataset']} ({first['split']}) has the pixels {_told(found)}."


def _definitions(rows: pd.DataFrame, source: str) -> str:
    found: dict[str, dict[str, set[str]]] = {}
    for specs, places in rows.groupby("specs", sort=True, observed=True).indices.items():
        sources = set(rows[source].iloc[places].astype(str))
        for metric, spec in json.loads(str(specs)).items():
            found.setdefault(metric, {}).setdefault(spec, set()).update(sources)
    for metric, definitions in sorted(found.items()):
        if len(definitions) > 1:
            quoted = {f"{spec!r}": sources for spec, sources in definitions.items()}
            return f"The metric {metric} is defined as {_told(quoted)}."
    return ""


def _sources_by(values: pd.Series, sources: pd.Series) -> dict[str, set[str]]:
    pairs = pd.DataFrame({"value": values.astype(str), "source": sources.astype(str)}).drop_duplicates()
    return {str(value): set(here) for value, here in pairs.groupby("value")["source"]}


def _told(found: Mapping[str, set[str]]) -> str:
    """Return `1 in one/results and 2 in other/results`, of the first two."""
    told = [f"{value} in {_few(sources)}" for value, sources in sorted(found.items())[:2]]
    return " and ".join(told)


def _few(sources: set[str]) -> str:
    first, *others = sorted(sources)
    return f"{first} and {len(others)} more" if len(others) > 1 else " and ".join([first, *others])
