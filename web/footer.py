"""Name the pipelines of this installation for the foot of the scene page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen import pipelines
from videogen.pipelines import Choice, PipelineInfo


@dataclass(frozen=True, slots=True)
class PipelineLine:
    """The default pipeline for frames or clips, why it was chosen, and the others on offer."""

    title: str | Promise
    choice: Choice
    others: list[PipelineInfo]


def pipelines_here() -> list[PipelineLine]:
    """Return the lines for frames and for clips."""
    titles = {"frame": _("Frames"), "video": _("Clips")}
    return [PipelineLine(title, pipelines.chosen(kind), pipelines.offered(kind)[1:]) for kind, title in titles.items()]
