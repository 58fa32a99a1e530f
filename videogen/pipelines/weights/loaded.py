"""The one model this worker process holds: loaded once and kept, given up when another is asked for."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar, cast

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import OnStep
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.device.compute import Device
from videogen.pipelines.registry import MODELS
from videogen.pipelines.weights.checkpoints import identity, locate, name_of
from videogen.pipelines.weights.traits import foreign


class LoadedCheckpoint(Protocol):
    """A loaded model: weights, and the device they are for."""

    device: Device

    def close(self) -> None:
        """Drop every weight."""


M = TypeVar("M", bound=LoadedCheckpoint)


class CheckpointSlot:
    """A place for one model. Two full-size models do not fit on one GPU, so the newcomer evicts the other."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._model: LoadedCheckpoint | None = None

    def get(self, key: Hashable, load: Callable[[], M]) -> M:
        """The model for `key`: the one at hand, else the one `load` makes after the old one has left."""
        if self._model is None or self._key != key:
            self.evict()
            self._model = load()
            self._key = key
        return cast("M", self._model)

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


LOADED = CheckpointSlot()


class CheckpointPipeline(Generic[M]):
    """What every pipeline with weights is: settings, a checkpoint, and the model that is kept from job to job."""

    name: ClassVar[str]

    def __init__(self, settings: ModelSettings | None = None) -> None:
        self._settings = settings
        self.made_with = ""  # the checkpoint of the last job

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

    def read(self, folder: Path, device: Device, memory_mode: str, on_step: OnStep) -> M:
        """Load the checkpoint in `folder`, telling how much is read. Raises GenerationError("model_unavailable")."""
        raise NotImplementedError

    def _check(self, folder: Path) -> None:
        """Refuse another model's files before gigabytes are read. Raises GenerationError("model_unavailable")."""
        info = next(kind[self.name] for kind in MODELS.values() if self.name in kind)
        if reason := foreign(info, self.checkpoint, folder):
            raise GenerationError("model_unavailable", model=self.name, reason=reason)

    def model(self, on_step: OnStep) -> M:
        """The loaded checkpoint, loaded now where it is not; another model leaves first.

        Raises GenerationError("model_unavailable") where it cannot be loaded.
        """
        settings, folder = self.settings, locate(self.checkpoint, self.name)
        self.made_with = name_of(self.checkpoint, folder)
        key = (self.name, identity(folder), settings.device, settings.memory_mode)
        if not LOADED.holds(key):
            on_step(Phase.LOADING)
            self._check(folder)
        return LOADED.get(key, lambda: self.read(folder, Device.choose(settings.device), settings.memory_mode, on_step))
