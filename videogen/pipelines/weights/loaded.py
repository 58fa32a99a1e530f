"""Keep the models of a worker process from job to job, one of a kind; loading another of the kind evicts it."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import OnStep
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.device.compute import Device, host_memory
from videogen.pipelines.device.memory import GIB
from videogen.pipelines.registry import find
from videogen.pipelines.weights import installed
from videogen.pipelines.weights.checkpoints import identity, locate, name_of
from videogen.pipelines.weights.traits import foreign


class LoadedCheckpoint(Protocol):
    """A loaded model: weights, and the device they are for."""

    device: Device

    @property
    def nbytes(self) -> int:
        """Bytes of all its weights."""

    def leave(self) -> None:
        """Move every weight to host memory; the next job brings back what it needs."""

    def shared(self) -> dict[Hashable, Any]:
        """Parts, by their content, that another model of the same kind may go on with."""

    def close(self) -> None:
        """Drop every weight."""


M = TypeVar("M", bound=LoadedCheckpoint)


class CheckpointSlot:
    """Hold one model of a kind: two LTX would fill the host's memory, so the newcomer evicts the other."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._model: LoadedCheckpoint | None = None
        self.left: dict[Hashable, Any] = {}  # while a model is loaded: what the one before it had in common with others

    def get(self, key: Hashable, load: Callable[[], M]) -> M:
        """The model for `key`: the one at hand, else the one `load` makes after the old one has left."""
        if self._model is None or self._key != key:
            if self._model is not None:
                self._model.leave()
                self.left = self._model.shared()
            self.evict()
            try:
                self._model = load()
            finally:
                self.left = {}
            self._key = key
        return cast("M", self._model)

    @property
    def model(self) -> LoadedCheckpoint | None:
        """The model that is here."""
        return self._model

    def holds(self, key: Hashable) -> bool:
        """Whether the model for `key` is loaded."""
        return self._model is not None and self._key == key

    def evict(self) -> None:
        """Drop the model and give its memory back."""
        model, self._model, self._key = self._model, None, None
        if model is not None:
            device = model.device
            model.close()
            del model
            device.free()


SPARE = 16 * GIB  # what the device keeps free for the work itself where models stay on it side by side


class LoadedModels:
    """The models of this process, one of each kind: one makes frames, one makes clips, on one device."""

    def __init__(self) -> None:
        self._slots: dict[str, CheckpointSlot] = {}

    def get(self, kind: str, key: Hashable, load: Callable[[], M], size: int = 0) -> M:
        """The model for `key`: the one at hand, else the one `load` makes, of about `size` bytes.

        Models of other kinds leave the device where it cannot hold all, and go altogether where the host cannot.
        """
        slot = self._slots.setdefault(kind, CheckpointSlot())
        others = sum(model.nbytes for model in self._others(kind))
        if not slot.holds(key) and size + others > host_memory() * 7 // 8:
            self.evict()
        model = slot.get(key, load)
        self._make_room_for(kind, model)
        return model

    def left(self, kind: str) -> dict[Hashable, Any]:
        """While a model of the kind is loaded: parts of the one before it, by content."""
        return self._slots[kind].left if kind in self._slots else {}

    def holds(self, kind: str, key: Hashable) -> bool:
        """Whether the model for `key` is loaded."""
        return kind in self._slots and self._slots[kind].holds(key)

    def evict(self) -> None:
        """Drop every model and give the memory back."""
        for slot in self._slots.values():
            slot.evict()

    def _others(self, kind: str) -> list[LoadedCheckpoint]:
        return [slot.model for name, slot in self._slots.items() if name != kind and slot.model is not None]

    def _make_room_for(self, kind: str, model: LoadedCheckpoint) -> None:
        memory, others = model.device.memory, self._others(kind)
        if memory is None or memory >= model.nbytes + sum(other.nbytes for other in others) + SPARE:
            return
        for other in others:
            other.leave()
            other.device.free()


LOADED = LoadedModels()


class CheckpointPipeline(Generic[M]):
    """What every pipeline with weights is: settings, a checkpoint, and the model that is kept from job to job."""

    name: ClassVar[str]
    makes: ClassVar[str]  # "frame" or "video"

    def __init__(self, settings: ModelSettings | None = None) -> None:
        self._settings = settings
        self.made_with = ""  # the checkpoint of the last job
        self.shortcuts = ""  # what of it was not exact
        self._checked: Hashable = None  # the files that are known to be this model's

    @property
    def settings(self) -> ModelSettings:
        """The settings it was given, else this installation's."""
        return self._settings or ModelSettings.read()

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint this pipeline is made of."""
        raise NotImplementedError

    @property
    def device(self) -> str:
        """The name of the device it computes on, for the operator."""
        return str(Device.choose(self.settings.device))

    @property
    def variant(self) -> str:
        """What is done to the weights when they are loaded; empty for nothing."""
        return ""

    def read(self, folder: Path, device: Device, memory_mode: str, on_step: OnStep) -> M:
        """Load the checkpoint in `folder`, telling how much is read. Raises GenerationError("model_unavailable")."""
        raise NotImplementedError

    def _check(self, folder: Path) -> None:
        """Refuse another model's files before gigabytes are read. Raises GenerationError("model_unavailable")."""
        if reason := foreign(find(self.makes, self.name), self.checkpoint, folder):
            raise GenerationError("model_unavailable", model=self.name, reason=reason)

    def model(self, on_step: OnStep) -> M:
        """The loaded checkpoint, loaded now where it is not; another model leaves first.

        Raises GenerationError("model_unavailable") where it cannot be loaded.
        """
        settings, folder = self.settings, locate(self.checkpoint, self.name)
        self.made_with = name_of(self.checkpoint, folder)
        # Not the pipeline's name: several may be made of one checkpoint, which is loaded once.
        key = (self.checkpoint, identity(folder), settings.device, settings.memory_mode, self.variant)
        if key != self._checked:  # also where another pipeline has loaded them
            self._check(folder)
            self._checked = key
        size = 0
        if not LOADED.holds(self.makes, key):
            on_step(Phase.LOADING)
            size = installed.bytes_of_weights(folder)
        device = Device.choose(settings.device)
        return LOADED.get(self.makes, key, lambda: self.read(folder, device, settings.memory_mode, on_step), size)
