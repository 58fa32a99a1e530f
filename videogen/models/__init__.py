"""Frames, videos, rewritten prompts and exports, each row a job and its result, and the history of every row."""

from videogen.models.batches import Batch
from videogen.models.block import DIALOG_STEPS, VIDEO, BlockGenerations
from videogen.models.checkpoints import CheckpointJob
from videogen.models.deliveries import Delivery
from videogen.models.events import Event
from videogen.models.exports import Export
from videogen.models.frames import Frame
from videogen.models.generation import FINAL, LIVE, PLANNED_STOP, Generation, Status, Work, lock_block
from videogen.models.installation import Installation
from videogen.models.keys import IdempotencyKey
from videogen.models.media import MediaGeneration
from videogen.models.notes import TakeNote
from videogen.models.queues import BLOCK_KINDS, KINDS, QUEUES, Job, held_by, is_waiting, running_in, stalled, waiting
from videogen.models.reviews import ReviewEvent
from videogen.models.rewrites import PromptRewrite
from videogen.models.trims import BroughtTimeline, Trim
from videogen.models.videos import Review, TakeCount, Video
from videogen.models.voices import VoiceSample
from videogen.models.workers import PeriodicRun, Worker

__all__ = [
    "BLOCK_KINDS",
    "DIALOG_STEPS",
    "FINAL",
    "KINDS",
    "LIVE",
    "PLANNED_STOP",
    "QUEUES",
    "VIDEO",
    "Batch",
    "BlockGenerations",
    "BroughtTimeline",
    "CheckpointJob",
    "Delivery",
    "Event",
    "Export",
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
    "Trim",
    "Video",
    "VoiceSample",
    "Work",
    "Worker",
    "held_by",
    "is_waiting",
    "lock_block",
    "running_in",
    "stalled",
    "waiting",
]
