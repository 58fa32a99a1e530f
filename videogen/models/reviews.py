"""Who approved and locked which take, and when."""

from django.conf import settings
from django.db import models

from videogen.models.videos import Review


class ReviewEvent(models.Model):
    """One change of what a take is worth. It outlives take, block and person, so it names them without foreign keys.

    was, review: before and after. actor_name: kept for when the person's row is gone.
    """

    take_id = models.UUIDField()
    block_id = models.UUIDField()
    number = models.PositiveIntegerField()  # of the take
    was = models.CharField(max_length=10, choices=Review)
    review = models.CharField(max_length=10, choices=Review)
    locked = models.BooleanField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["block_id", "id"])]  # the history of a block's takes, in order

    def __str__(self) -> str:
        return f"take {self.number} of {self.block_id}: {self.was} to {self.review}"
