"""Croissant 1.0: a data set described in JSON-LD for search engines and loaders, made from its card."""

from collections.abc import Mapping
from typing import Any

from usbench.core.dataset import Dataset

CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
FORMATS = {".zip": "application/zip", ".mat": "application/x-matlab-data", ".csv": "text/csv"}


def croissant(label: str, dataset: Dataset | type[Dataset]) -> dict[str, Any]:
    """Return the JSON-LD of a data set.

    Files are listed where the set has addresses with published hashes; without a hash Croissant has no files.

    Parameters
    ----------
    label
        Of the data set.
    dataset
        The set, or its class if the images are not here.
    """
    card = dataset.card
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": label,
        "alternateName": card.title,
        "description": card.description,
        "license": card.licence,
        "url": card.home or (f"https://doi.org/{card.doi}" if card.doi else ""),
        "version": f"{dataset.version.partition('+')[0]}.0.0",
        "keywords": ["ultrasound", "B-mode", "despeckling", card.kind, card.anatomy],
        "citeAs": ", ".join(filter(None, (card.citation, card.doi and f"https://doi.org/{card.doi}"))),
        "distribution": [_file(one) for one in getattr(dataset, "downloads", ()) if one.known_hash],
    }
    return {name: value for name, value in described.items() if value}


def _file(download: Any) -> dict[str, str]:
    kind, _, digest = download.known_hash.partition(":")
    suffix = f".{download.name.rpartition('.')[2]}"
    return {
        "@type": "cr:FileObject",
        "@id": download.name,
        "name": download.name,
        "contentUrl": download.url,
        "encodingFormat": FORMATS.get(suffix, "application/octet-stream"),
        kind: digest,
    }
