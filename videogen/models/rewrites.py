"""Rewrites of prompts: what Optimize Prompt was given and what it gave back."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenes.models import GENERATE_FRAME, GENERATE_VIDEO
from videogen.models.constraints import generation_constraints
from videogen.models.generation import LIVE, Generation, GenerationQuerySet, Status


class PromptRewriteQuerySet(GenerationQuerySet):
    def of_queue(self, queue: str) -> Self:
        """Filter to the rewrites that the workers of `queue` make: the text encoder's run where the video model is."""
        by_encoder = Q(optimizer=PromptRewrite.Optimizer.ENCODER)
        return self.filter(by_encoder if queue == PromptRewrite.ENCODER_QUEUE else ~by_encoder)

    def of_step(self, step: str) -> Self:
        """Filter by step of the dialog, newest first."""
        return self.filter(dialog_step=step).order_by("-created_at")

    def origin(self, step: str, prompt: str) -> dict[str, Any]:
        """Return what is kept with a picture or clip made from `prompt`, where a rewrite gave that text.

        {"typed", "optimized", "optimizer", "model", "version", "used": "optimized" or "typed"}, else empty: a prompt
        that was edited afterwards is neither text.
        """
        for rewrite in self.of_step(step).filter(status=Status.SUCCEEDED)[:REMEMBERED]:
            used = rewrite.which(prompt)
            if used:
                return {
                    "typed": rewrite.typed,
                    "optimized": rewrite.result,
                    "optimizer": rewrite.optimizer,
                    "model": rewrite.model,
                    "version": rewrite.version,
                    "used": used,
                }
        return {}


REMEMBERED = 20  # how many of a step's latest rewrites a prompt is compared with


class PromptRewrite(Generation):
    """One press of Optimize Prompt. `typed` never changes; `result` is set once it has passed every check."""

    KIND = "prompt"
    QUEUE = "prompts"
    ENCODER_QUEUE = "videos"
    RIGHT = GENERATE_FRAME
    PLACE = ("block_id", "dialog_step")

    class Step(models.TextChoices):
        START = "start", _("Start frame")
        END = "end", _("End frame")
        VIDEO = "video", _("Video")

    class Optimizer(models.TextChoices):
        LLM = "llm", _("Language model")
        ENCODER = "encoder", _("The video model’s own text encoder")
        COMPOSER = "composer", _("By fixed rules: camera, looks and sounds in their places")

    dialog_step = models.CharField(max_length=5, choices=Step.choices)
    typed = models.TextField()  # exactly as typed, but for line ends
    result = models.TextField(blank=True)
    optimizer = models.CharField(max_length=10, choices=Optimizer.choices)
    version = models.CharField(max_length=40, blank=True)  # of the instructions or rules that made the result
    # What the form had switched on: {"character_ids": [...], "include_location": bool}; empty for "as the block says".
    shown = models.JSONField(default=dict, blank=True)

    objects = PromptRewriteQuerySet.as_manager()

    class Meta(Generation.Meta):
        constraints = [
            *generation_constraints("prompt"),
            models.CheckConstraint(name="prompt_step_valid", condition=Q(dialog_step__in=["start", "end", "video"])),
            # Only a text that passed every check is ever shown as the optimized one.
            models.CheckConstraint(
                name="prompt_succeeded_has_result",
                condition=(Q(status=Status.SUCCEEDED) & ~Q(result="")) | (~Q(status=Status.SUCCEEDED) & Q(result="")),
            ),
            # Double clicks and two tabs: one live rewrite per block and step.
            models.UniqueConstraint(
                fields=["block", "dialog_step"], name="prompt_one_live", condition=Q(status__in=LIVE)
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"]),  # the queue, and the reconciler's sweep
            models.Index(fields=["model", "-finished_at"]),  # the runs an estimate is learned from
            models.Index(fields=["requested_by", "-started_at"]),  # whose turn it is: when a person was served last
            models.Index(fields=["requested_by", "status"]),  # the same: what of theirs runs
            models.Index(fields=["block", "dialog_step", "-created_at"]),  # the latest of a step
        ]

    @property
    def queue(self) -> str:
        """The queue of its optimizer: video workers hold the text encoder, everything else needs no GPU."""
        return self.ENCODER_QUEUE if self.optimizer == self.Optimizer.ENCODER else self.QUEUE

    @property
    def right(self) -> str:
        """The right of the step it was queued in."""
        return GENERATE_VIDEO if self.dialog_step == self.Step.VIDEO else GENERATE_FRAME

    @property
    def made_by(self) -> str:
        """Who wrote the result, in words."""
        label = self.get_optimizer_display()
        return f"{label}: {self.model}" if self.optimizer == self.Optimizer.LLM and self.model else label

    @property
    def changed_nothing(self) -> bool:
        """Whether the result has the words that were typed, spaces and line ends apart."""
        return bool(self.result) and self.result.split() == self.typed.split()

    def which(self, prompt: str) -> str:
        """Return which of the two texts `prompt` is: "optimized", "typed", or neither ("")."""
        if self.result and prompt.strip() == self.result:
            return "optimized"
        return "typed" if prompt.strip() == self.typed.strip() else ""
