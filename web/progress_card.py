"""The progress of a frame or clip that is being made, as the card over its tile shows it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from videogen import estimates, obstacles
from videogen.estimates import GenerationProgress
from videogen.models import Frame, Status, Video
from videogen.phase import Phase
from videogen.several import place_of

SLOW_SECONDS = 60  # a run that shows no step by then is slow to begin


@dataclass(frozen=True, slots=True)
class ProgressCard:
    """A live row and its progress, in the words of the interface."""

    row: Frame | Video
    progress: GenerationProgress
    obstacle: str = ""  # why it still waits, or is slow to begin, where there is something to say

    @classmethod
    def of(cls, row: Frame | Video) -> "ProgressCard":
        """Read the progress now. At most two queries, three for a row that has waited for some seconds."""
        progress = estimates.progress_of(row)
        return cls(row, progress, obstacles.why_waiting(row, progress.elapsed) or _why_slow(row, progress))

    @property
    def is_waiting(self) -> bool:
        """Whether it is still in the queue."""
        return self.row.status == Status.QUEUED

    @property
    def which(self) -> str:
        """Which of several it is that were asked for at one press; empty for one that was asked for alone."""
        nth, asked = place_of(self.row)
        words = _("Take %(nth)d of %(asked)d") if isinstance(self.row, Video) else _("Picture %(nth)d of %(asked)d")
        return words % {"nth": nth, "asked": asked} if asked > 1 else ""

    @property
    def phase(self) -> str:
        """The phase, in words."""
        if self.row.is_stopping:
            return _("Stopping")
        return _("Waiting in the queue") if self.is_waiting else self._doing

    @property
    def preview(self) -> str:
        """What tells the picture of a clip on its way from the one before; empty where there is none."""
        return self.row.preview_key if isinstance(self.row, Video) else ""

    @property
    def place(self) -> str:
        """The place in the queue, the part of the model that is loaded, or the denoising step."""
        position, steps = self.progress.queue_position, self.progress.steps
        if self.is_waiting and position == 1:
            return _("next in line")
        if self.is_waiting and position:
            return _("place %(place)d") % {"place": position}
        if steps and self.row.phase == Phase.LOADING:
            return _("%(step)d of %(steps)d GB") % {"step": self.progress.step, "steps": steps}
        return _("step %(step)d/%(steps)d") % {"step": self.progress.step, "steps": steps} if steps else ""

    @property
    def announcement(self) -> str:
        """The sentence for screen readers; announced when it changes."""
        position = self.progress.queue_position
        if self.obstacle and not self.row.is_stopping:
            return self.obstacle
        if position and not self.row.is_stopping:
            return _("Waiting, place %(place)d in the queue") % {"place": position}
        return _("Stopping") if self.row.is_stopping else self._doing

    @property
    def _doing(self) -> str:
        # A pipeline without diffusion steps draws, one without weights loads none: nothing pretends to be more.
        pipeline = self.row.pipeline
        if self.row.phase == Phase.LOADING and pipeline and not pipeline.checkpoint:
            return _("Getting ready")
        if self.row.phase == Phase.DENOISING and pipeline and "steps" in pipeline.unused:
            return _("Drawing")
        return self.row.get_phase_display()


def _why_slow(row: Frame | Video, progress: GenerationProgress) -> str:
    """Say that a run takes its time before its first step, once that is so; the worker has patience for it as well."""
    if row.status != Status.RUNNING or row.is_stopping or progress.step or progress.elapsed < SLOW_SECONDS:
        return ""
    return _("Still getting ready. The first clip with a model on a machine can take ten minutes to begin.")
