"""Reading weights: a slow disk is progress and not silence."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.checkpoints import checkpoint
from videogen.errors import Cancelled
from videogen.phase import Phase
from videogen.pipelines.weights import reading
from videogen.pipelines.weights.reading import CHUNK, Reading, read_through
from videogen.worker.progress import PATIENCE

GEMMA = 48_750_000_000  # bytes of the real text encoder


class SlowDisk:
    """Gives 0.1 GB a second, by a clock that only it moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.silences: list[float] = []
        self._told_at = 0.0

    def read(self, path: Path) -> Iterator[int]:
        for _ in range(GEMMA // CHUNK):
            self.now += CHUNK / 1e8
            yield CHUNK

    def on_step(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
        self.silences.append(self.now - self._told_at)
        self._told_at = self.now


def test_a_disk_of_100_megabytes_a_second_is_never_silent_for_long(tmp_path: Path) -> None:
    # Eight minutes for one part alone: told only at its end, the worker would be taken for hung three times.
    disk = SlowDisk()
    Reading(checkpoint(tmp_path / "ltx"), disk.on_step, disk.read).part("transformer")
    assert disk.now > PATIENCE[Phase.LOADING]
    assert max(disk.silences) < PATIENCE[Phase.LOADING] / 100


def test_every_weight_file_of_a_part_is_read_to_its_end_and_no_other(tmp_path: Path, monkeypatch) -> None:
    folder = checkpoint(tmp_path / "ltx")
    (folder / "transformer" / "model-1-of-2.safetensors").write_bytes(b"a" * 25)
    (folder / "transformer" / "not-in-the-index.safetensors").write_bytes(b"b" * 1000)
    (folder / "vae").mkdir()
    (folder / "vae" / "model.safetensors").write_bytes(b"c" * 30)
    index = json.loads((folder / "model_index.json").read_text()) | {"vae": ["diffusers", "Any"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    monkeypatch.setattr(reading, "CHUNK", 10)
    monkeypatch.setattr(reading, "GB", 10)
    told: list[tuple[Phase, int, int]] = []

    def on_step(phase: Phase, step: int = 0, steps: int = 0) -> None:
        told.append((phase, step, steps))

    parts = Reading(folder, on_step)
    parts.part("transformer")  # 25 and 10 bytes, of 65 in all
    assert [step for _, step, _ in told] == [1, 2, 2, 3]
    assert {(phase, steps) for phase, _, steps in told} == {(Phase.LOADING, 7)}
    parts.part("vae")
    assert told[-1] == (Phase.LOADING, 6, 7)


def test_reading_is_stopped_where_the_person_asks_for_it(tmp_path: Path) -> None:
    read: list[Path] = []

    def one(path: Path) -> Iterator[int]:
        read.append(path)
        yield from read_through(path)

    def stop(phase: Phase, step: int = 0, steps: int = 0) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Reading(checkpoint(tmp_path / "ltx"), stop, one).everything()
    assert len(read) == 1
