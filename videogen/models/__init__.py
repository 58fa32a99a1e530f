"""What is made: frames and videos, each row a job and its result, and the history of every row."""

from videogen.models.events import Event
from videogen.models.frames import Frame
from videogen.models.generation import FINAL, LIVE, Generation, Status
from videogen.models.keys import IdempotencyKey
from videogen.models.videos import Video
from videogen.models.workers import Worker

KINDS: dict[str, type[Frame] | type[Video]] = {"frame": Frame, "video": Video}
QUEUES: dict[str, type[Frame] | type[Video]] = {"frames": Frame, "videos": Video}

__all__ = [
    "FINAL",
    "KINDS",
    "LIVE",
    "QUEUES",
    "Event",
    "Frame",
    "Generation",
    "IdempotencyKey",
    "Status",
    "Video",
    "Worker",
]
