"""How Optimize Prompt stands in one step: idle, at work, ready, with nothing to improve, or failed with a reason."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from videogen import estimates
from videogen.models import PromptRewrite, Status
from videogen.prompts import difference, optimizers

RECENT = timedelta(minutes=10)  # how long a failure is still worth showing to somebody who comes back


@dataclass(frozen=True, slots=True)
class RewriteState:
    """The state, and what the templates show of it.

    rewrite: the latest of the step, unless it has nothing left to say. error: a sentence about the last press. fresh:
    whether the change has just happened, so that a script may act on it. prompt: the text of the form's field; empty
    where the request came without the form.
    """

    rewrite: PromptRewrite | None
    error: str = ""
    fresh: bool = False
    prompt: str = ""

    @classmethod
    def of(
        cls, latest: PromptRewrite | None, *, error: str = "", fresh: bool = False, prompt: object = ""
    ) -> "RewriteState":
        """Tell the state of a step by its latest rewrite (`Step.last_rewrite`)."""
        rewrite = latest if latest and _still_matters(latest, fresh=fresh) else None
        return cls(rewrite, error, fresh, str(prompt or ""))

    @property
    def key(self) -> str:
        """live, ready, same, failed or idle: for scripts, styles and the name of the template."""
        if self.error:
            return "failed"
        if self.rewrite is None:
            return "idle"
        if self.rewrite.is_live:
            return "live"
        if self.rewrite.changed_nothing:
            return "same" if self._is_of_the_prompt else "idle"
        return {Status.SUCCEEDED: "ready", Status.FAILED: "failed"}.get(Status(self.rewrite.status), "idle")

    @property
    def _is_of_the_prompt(self) -> bool:
        # Without the form it is the answer to the press: prompt.js drops the words once the text is another.
        return bool(self.rewrite and (self.rewrite.which(self.prompt) or not self.prompt))

    @property
    def template_name(self) -> str:
        """The template that draws this state."""
        return f"videogen/_rewrite_{self.key}.html"

    @property
    def is_live(self) -> bool:
        """Whether a rewrite is queued or running."""
        return self.key == "live"

    @property
    def is_ready(self) -> bool:
        """Whether there is an optimized text."""
        return self.key == "ready"

    @property
    def signature(self) -> str:
        """A string that changes when the state does."""
        live = self.rewrite if self.is_live else None
        return f"{live.pk.hex[:12]}-{live.status}-{int(live.is_stopping)}" if live else ""

    @property
    def sentence(self) -> str:
        """What went wrong; empty if nothing did."""
        return self.error or (self.rewrite.error if self.rewrite and self.key == "failed" else "")

    @property
    def doing(self) -> str:
        """What is being waited for, in words."""
        if self.rewrite is None or not self.is_live:
            return ""
        if self.rewrite.is_stopping:
            return _("Stopping")
        if self.rewrite.status == Status.RUNNING:
            return _("Optimizing the prompt")
        place = estimates.progress_of(self.rewrite).queue_position
        return _("Waiting, place %(place)d in the queue") % {"place": place} if place else _("Waiting in the queue")

    @property
    def by(self) -> str:
        """Who writes, or wrote, the optimized text."""
        if self.rewrite and (self.is_live or self.is_ready):
            return self.rewrite.made_by
        optimizer = optimizers.current()
        return PromptRewrite(optimizer=optimizer.kind, model=optimizer.model).made_by

    @property
    def changes(self) -> list[difference.Part]:
        """The difference between the typed and the optimized text, word by word."""
        return difference.parts(self.rewrite.typed, self.rewrite.result) if self.rewrite and self.is_ready else []

    @property
    def text(self) -> str:
        """Which text the field holds: "optimized", "typed", "edited", or empty where there is only one."""
        if self.rewrite is None or not self.is_ready:
            return ""
        return self.rewrite.which(self.prompt) or "edited"


def _still_matters(rewrite: PromptRewrite, *, fresh: bool) -> bool:
    if rewrite.status == Status.FAILED and not fresh:
        return rewrite.finished_at is not None and rewrite.finished_at > timezone.now() - RECENT
    return rewrite.status != Status.CANCELLED
