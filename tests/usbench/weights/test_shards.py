"""Weights: half precision, shards, and hashes that notice damage."""

import json
from pathlib import Path

import pytest
import torch

from usbench.weights import shards as weights
from usbench.weights.shards import WeightsError, load_weights, save_weights, weights_hash


@pytest.fixture
def state():
    rng = torch.Generator().manual_seed(0)
    return {f"layer{n}": torch.randn(40, 50, generator=rng) for n in range(5)} | {"count": torch.tensor(7)}


def test_round_trip_in_half_precision(tmp_path, state):
    index = save_weights(tmp_path, "net", state, {"width": 3})
    loaded = load_weights(index)
    assert json.loads(index.read_text())["width"] == 3
    assert loaded["count"] == 7
    for name, value in state.items():
        assert torch.equal(loaded[name], value.half().float() if value.is_floating_point() else value)


def test_large_weights_are_sharded(tmp_path, state, monkeypatch):
    monkeypatch.setattr(weights, "SHARD_BYTES", 9000)
    index = save_weights(tmp_path, "net", state, {})
    files = sorted(tmp_path.glob("*.safetensors"))
    assert len(files) == 3
    assert max(file.stat().st_size for file in files) < 10_000
    assert set(load_weights(index)) == set(state)


def test_damage_and_loss_are_noticed(tmp_path, state):
    index = save_weights(tmp_path, "net", state, {})
    file = tmp_path / "net.safetensors"
    before = weights_hash(index)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(WeightsError, match="is damaged"):
        load_weights(index)
    file.unlink()
    with pytest.raises(WeightsError, match="is missing"):
        load_weights(index)
    save_weights(tmp_path, "net", state | {"layer0": state["layer0"] + 1}, {})
    assert weights_hash(index) != before


def test_no_weights_have_no_hash(tmp_path):
    assert weights_hash(tmp_path / "none.json") == ""
    with pytest.raises(WeightsError, match="There is no card of weights"):
        load_weights(tmp_path / "none.json")


SECRET = "the private key"


@pytest.fixture
def secret(tmp_path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


def test_a_card_of_weights_names_files_beside_itself(secret, tmp_path):
    from usbench.weights.shards import WeightsError, file_hash, load_weights, weights_hash

    for files in (
        {str(secret): file_hash(secret)},
        {"../secret": file_hash(secret)},
        ["a"],
        {"a": 5},
        {"a/b/c": "0"},
        None,
    ):
        card = tmp_path / "cards" / "x.json"
        card.parent.mkdir(exist_ok=True)
        card.write_text(json.dumps({"files": files}))
        for function in (load_weights, weights_hash):
            with pytest.raises(WeightsError, match=r"x\.json"):
                function(card)
