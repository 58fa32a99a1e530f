"""The operator's console: generations, the queue in the order it will be served, the workers, and the histories."""

from videogen.admin import batches, events, exports, generations, reviews, rewrites, timelines, workers

__all__ = ["batches", "events", "exports", "generations", "reviews", "rewrites", "timelines", "workers"]
