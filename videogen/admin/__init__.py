"""The operator's console: generations, the queue in the order it will be served, the workers, and the history."""

from videogen.admin import batches, events, exports, generations, workers

__all__ = ["batches", "events", "exports", "generations", "workers"]
