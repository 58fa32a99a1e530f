"""Name the pipelines of this installation for the foot of the scene page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen import pipelines
from videogen.pipelines import Choice, PipelineInfo


@dataclass(frozen=True, slots=True)
class PipelineLine:
    """The default pipeline for frames or clips, why it was chosen, and the others on offer.

    needs: what a better one would take, where there is one; for those who can see to it.
    """

    title: str | Promise
    choice: Choice
    others: list[PipelineInfo]
    needs: str


def pipelines_here() -> list[PipelineLine]:
    """Return the lines for frames and for clips."""
    titles = {"frame": _("Frames"), "video": _("Clips")}
    lines = []
    for kind, title in titles.items():
        choice = pipelines.chosen(kind)
        lines.append(
            PipelineLine(title, choice, pipelines.offered(kind)[1:], "" if choice.model.checkpoint else _needs(kind))
        )
    return lines


def _needs(kind: str) -> str:
    best = next(model for model in pipelines.MODELS[kind].values() if model.checkpoint)
    return _("%(label)s needs a GPU and %(needs)s.") % {"label": best.label, "needs": best.needs}
