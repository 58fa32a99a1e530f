"""What makes the pictures here, as the foot of the scene page says it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen import pipelines
from videogen.pipelines import Choice, Model


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes frames or clips here: the default, why it is that, and the others on offer."""

    title: str | Promise
    choice: Choice
    others: list[Model]


def makers() -> list[Maker]:
    """List what makes frames, and what makes clips."""
    titles = {"frame": _("Frames"), "video": _("Clips")}
    return [Maker(title, pipelines.chosen(kind), pipelines.offered(kind)[1:]) for kind, title in titles.items()]
