"""Which rows wait in which queue. A queue can hold more than one kind; the first named is served first."""

from collections.abc import Iterator

from videogen.models.exports import Export
from videogen.models.frames import Frame
from videogen.models.generation import Status
from videogen.models.rewrites import PromptRewrite
from videogen.models.videos import Video

BlockJob = Frame | Video | PromptRewrite
BlockJobType = type[Frame] | type[Video] | type[PromptRewrite]
Job = BlockJob | Export
JobType = BlockJobType | type[Export]

BLOCK_KINDS: dict[str, BlockJobType] = {"frame": Frame, "video": Video, "prompt": PromptRewrite}
KINDS: dict[str, JobType] = {**BLOCK_KINDS, "export": Export}
QUEUES: dict[str, tuple[JobType, ...]] = {
    "frames": (Frame,),
    "videos": (PromptRewrite, Video),  # a rewrite takes seconds and somebody is looking at it
    "prompts": (PromptRewrite,),
    "exports": (Export,),
}


def waiting(queue: str, limit: int) -> Iterator[Job]:
    """Yield the queued rows of a queue in the order they will be served, at most `limit` of each kind."""
    for kind in QUEUES[queue]:
        yield from kind.objects.of_queue(queue).queued_in_order()[:limit]


def is_waiting(queue: str) -> bool:
    """Whether any row of the queue waits to be claimed."""
    return any(kind.objects.of_queue(queue).queued().exists() for kind in QUEUES[queue])


def held_by(queue: str, worker: str) -> Iterator[Job]:
    """Yield the rows of a queue that run under `worker`."""
    for kind in QUEUES[queue]:
        yield from kind.objects.of_queue(queue).filter(status=Status.RUNNING, worker=worker)


def running_in(queue: str) -> int:
    """Count the running rows of a queue."""
    return sum(kind.objects.of_queue(queue).filter(status=Status.RUNNING).count() for kind in QUEUES[queue])


def stalled() -> Iterator[Job]:
    """Yield running rows of every kind whose lease has run out."""
    for kind in KINDS.values():
        yield from kind.objects.stalled()
