"""What makes the pictures here, as the foot of the scene page says it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen import pipelines
from videogen.pipelines import Choice, PipelineInfo


@dataclass(frozen=True, slots=True)
class PipelineLine:
    """What makes frames or clips here: the default, why it is that, and the others on offer."""

    title: str | Promise
    choice: Choice
    others: list[PipelineInfo]


def pipelines_here() -> list[PipelineLine]:
    """List what makes frames, and what makes clips."""
    titles = {"frame": _("Frames"), "video": _("Clips")}
    return [PipelineLine(title, pipelines.chosen(kind), pipelines.offered(kind)[1:]) for kind, title in titles.items()]
