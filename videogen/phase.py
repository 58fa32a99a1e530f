"""What a worker is doing with a generation, in the order it does it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    """The phases of a run. A pipeline names the phase whenever it tells of a step."""

    WAITING = "waiting", _("Waiting")
    LOADING = "loading", _("Loading model")
    ENCODING = "encoding", _("Encoding prompt")
    DENOISING = "denoising", _("Denoising")
    DECODING = "decoding", _("Decoding")
    SAVING = "saving", _("Saving")
