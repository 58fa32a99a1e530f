"""The one model this worker process holds: loaded once and kept, given up when another is asked for."""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

from videogen.pipelines.device import Device


class Model(Protocol):
    """A loaded model: weights, and the device they are for."""

    device: Device

    def close(self) -> None:
        """Drop every weight."""


M = TypeVar("M", bound=Model)


class LoadedModel:
    """A place for one model. Two full-size models do not fit on one GPU, so the newcomer evicts the other."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._model: Model | None = None

    def get(self, key: Hashable, load: Callable[[], M]) -> M:
        """The model for `key`: the one at hand, else the one `load` makes after the old one has left."""
        if self._model is None or self._key != key:
            self.evict()
            self._model = load()
            self._key = key
        return self._model  # type: ignore[return-value]

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


LOADED = LoadedModel()
