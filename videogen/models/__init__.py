"""Frames, videos and rewritten prompts, each row a job and its result, and the history of every row."""

from videogen.models.block import DIALOG_STEPS, VIDEO, BlockGenerations
from videogen.models.checkpoints import CheckpointJob
from videogen.models.events import Event
from videogen.models.frames import Frame
from videogen.models.generation import FINAL, LIVE, PLANNED_STOP, Generation, MediaGeneration, Status, lock_block
from videogen.models.installation import Installation
from videogen.models.keys import IdempotencyKey
from videogen.models.notes import TakeNote
from videogen.models.queues import KINDS, QUEUES, Job, held_by, is_waiting, running_in, stalled, waiting
from videogen.models.reviews import ReviewEvent
from videogen.models.rewrites import PromptRewrite
from videogen.models.videos import Review, TakeCount, Video
from videogen.models.voices import VoiceSample
from videogen.models.workers import PeriodicRun, Worker

__all__ = [
    "DIALOG_STEPS",
    "FINAL",
    "KINDS",
    "LIVE",
    "PLANNED_STOP",
    "QUEUES",
    "VIDEO",
    "BlockGenerations",
    "CheckpointJob",
    "Event",
    "Frame",
    "Generation",
    "IdempotencyKey",
    "Installation",
    "Job",
    "MediaGeneration",
    "PeriodicRun",
    "PromptRewrite",
    "Review",
    "ReviewEvent",
    "Status",
    "TakeCount",
    "TakeNote",
    "Video",
    "VoiceSample",
    "Worker",
    "held_by",
    "is_waiting",
    "lock_block",
    "running_in",
    "stalled",
    "waiting",
]
