"""What a press below a clip says of the take."""

from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videogen.models import Review, Video
from videogen.review import Change


class YesNoField(forms.TypedChoiceField):
    """yes or no; None where nothing was sent."""

    def __init__(self) -> None:
        choices = [("yes", _("yes")), ("no", _("no"))]
        super().__init__(choices=choices, coerce="yes".__eq__, empty_value=None, required=False)


class ReviewForm(forms.Form):
    """Review, lock and star of a take: each button sends one of them."""

    review = forms.ChoiceField(choices=Review, required=False)
    locked = YesNoField()
    starred = YesNoField()

    @property
    def change(self) -> Change:
        """What is asked for. The form must be valid."""
        said = self.cleaned_data
        review = Review(said["review"]) if said["review"] else None
        return Change(review=review, locked=said["locked"], starred=said["starred"])


_CHOICES = (
    (Review.APPROVED, _("Approve"), "success", "A"),
    (Review.RETAKE, _("Retake"), "refresh", "R"),
    (Review.FOR_REVIEW, _("For review"), "eye", ""),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that says one thing of a take. key: that presses it. is_set: said already; pressing takes it back."""

    value: Review
    title: Promise
    icon: str
    key: str
    is_set: bool
    is_barred: bool

    @classmethod
    def all(cls, take: Video, rival: Video | None) -> "list[Choice]":
        """Return the buttons for a take. rival: the locked clip, because of which this one cannot be approved."""
        return [
            cls(value, title, icon, key, take.review == value, value == Review.APPROVED and rival is not None)
            for value, title, icon, key in _CHOICES
        ]
