"""The phases of a run."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    """What a worker is doing with a generation, in this order. A pipeline names the phase with every step."""

    WAITING = "waiting", _("Waiting")
    LOADING = "loading", _("Loading model")
    ENCODING = "encoding", _("Encoding prompt")
    DENOISING = "denoising", _("Denoising")
    DECODING = "decoding", _("Decoding")
    SAVING = "saving", _("Saving")
