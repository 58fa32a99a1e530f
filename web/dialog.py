"""The three steps of the dialog: their names, addresses, templates and states."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenes import access
from scenes.models import DELETE_VIDEO, GENERATE_FRAME, GENERATE_VIDEO, Block
from videogen import notes, removal, review
from videogen.actions import NothingNewError
from videogen.models import VIDEO, BlockGenerations, Frame, PromptRewrite, Video
from videogen.prompts import compose
from videogen.spoken import line_of, words_of
from web.addresses import address
from web.forecast import forecast
from web.forms.generation import FrameForm, VideoForm
from web.forms.initial import frame_values, video_values
from web.forms.ink import Ink
from web.forms.review import Choice
from web.takes_compared import Series

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Step(ABC):
    """One step of a block's dialog.

    state: todo, running, failed or done. It and is_current are set by `steps`, for the numbers on top of the dialog.
    """

    key: ClassVar[str]
    number: ClassVar[int]
    title: ClassVar[Words]
    icon: ClassVar[str]
    prompt_label: ClassVar[Words]
    right: ClassVar[str]  # what generating asks for
    form_template: ClassVar[str]
    stage_template: ClassVar[str]
    is_optional: ClassVar[bool] = False
    needs_start_frame: ClassVar[bool] = False
    has_forecast: ClassVar[bool] = False
    outdated_words: ClassVar[Words]  # before the list of what has changed
    outdated_comfort: ClassVar[Words]  # behind it
    makes_candidates: ClassVar[bool] = False  # several at one press

    block: Block
    state: str = "todo"
    is_current: bool = False

    @staticmethod
    def of(block: Block, key: str) -> "Step":
        """Return the step with this key, which is its name in the URLs."""
        return STEP_TYPES[key](block)

    @property
    def words(self) -> str:
        """The state in a word, for screen readers."""
        return {
            "done": _("done"),
            "running": _("being made"),
            "failed": _("failed"),
        }.get(self.state, _("optional") if self.is_optional else _("to do"))

    # --- Addresses ------------------------------------------------------------------------------------------------

    def _address(self, route: str, *args: object) -> str:
        return address(route, self.block.scene_id, self.block.pk, *args)

    @property
    def url(self) -> str:
        """The page of the scene with the dialog open at this step; a form posted to it generates."""
        return self._address(f"clip_{self.key}")

    @property
    def panel_url(self) -> str:
        """The inside of the dialog, as a fragment."""
        return self._address("clip_step_panel", self.key)

    @property
    def stage_url(self) -> str:
        """The pictures, as a fragment; `?show=` takes the id of a candidate or take."""
        return self._address("clip_stage", self.key)

    @property
    def card_url(self) -> str:
        """The progress, as a fragment."""
        return self._address("clip_card", self.key)

    @property
    def prompt_url(self) -> str:
        """The prompt composed of the script, as a fragment."""
        return self._address("clip_prompt", self.key)

    @property
    @abstractmethod
    def cancel_url(self) -> str:
        """Where a POST stops what is being made."""

    @property
    @abstractmethod
    def optimize_url(self) -> str:
        """Where a POST asks for a rewrite of the prompt and a GET shows how far it is."""

    @property
    @abstractmethod
    def cancel_rewrite_url(self) -> str:
        """Where a POST stops the rewrite."""

    # --- Forms ----------------------------------------------------------------------------------------------------

    @property
    def last_rewrite(self) -> PromptRewrite | None:
        """The latest press of Optimize Prompt in this step. One query."""
        return self.block.promptrewrites.of_step(self.key).first()

    @abstractmethod
    def first_form(self, made: BlockGenerations, rewrite: PromptRewrite | None) -> FrameForm | VideoForm:
        """Fill the form with the last settings of the step and its last rewrite, or with the defaults."""

    @abstractmethod
    def bound_form(self, data: QueryDict) -> FrameForm | VideoForm:
        """Bind the form to what was sent."""

    @abstractmethod
    def composed_form(self, data: QueryDict) -> FrameForm | VideoForm:
        """Fill the prompt from the script, for the chips switched on in `data`; every other field stays empty.

        With "anew" in `data`, for the people whom the block names, as the form of a new block begins.
        """

    # --- What its templates show ------------------------------------------------------------------------------------

    def notice_template(self, start: Frame | None, end: Frame | None) -> str:
        """Name the template that says which frame is missing; empty if none is."""
        return ""

    @abstractmethod
    def own_context(
        self, made: BlockGenerations, shown: Frame | Video | None, form: FrameForm | VideoForm | None
    ) -> dict[str, Any]:
        """Gather what only the templates of this step show."""


class FrameStep(Step):
    """A step that makes a start or end frame; the key is the role."""

    __slots__ = ()

    icon = "image"
    prompt_label = gettext_lazy("What the picture shows")
    right = GENERATE_FRAME
    outdated_words = gettext_lazy("Since this picture was made, this has changed:")
    outdated_comfort = gettext_lazy("The picture stays as it is. It is made again only where you press Generate.")
    form_template = "videogen/_frame_form.html"
    makes_candidates = True

    @property
    def cancel_url(self) -> str:
        return self._address("clip_cancel_frame", self.key)

    @property
    def optimize_url(self) -> str:
        return self._address("clip_optimize_frame", self.key)

    @property
    def cancel_rewrite_url(self) -> str:
        return self._address("clip_cancel_rewrite_frame", self.key)

    @property
    def upload_url(self) -> str:
        """Where a POST stores a picture of the person's own."""
        return self._address("clip_upload", self.key)

    @property
    def from_clip_url(self) -> str:
        """Where a POST takes the last frame of the previous block's clip."""
        return self._address("clip_from_clip", self.key)

    def first_form(self, made: BlockGenerations, rewrite: PromptRewrite | None) -> FrameForm:
        cast = self.block.cast
        return FrameForm(role=self.key, cast=cast, initial=frame_values(self.block, self.key, made, rewrite, cast))

    def bound_form(self, data: QueryDict) -> FrameForm:
        return FrameForm(data, role=self.key, cast=self.block.cast)

    def composed_form(self, data: QueryDict) -> FrameForm:
        cast = self.block.cast
        chosen = [character for character in cast if str(character.pk) in data.getlist("character_ids")]
        if "anew" in data:
            chosen = compose.mentioned(self.block, cast)
        with_place = bool(data.get("include_location"))
        prompt = compose.frame_prompt(self.block, chosen, self.key, include_location=with_place)
        people = [str(character.pk) for character in cast if character in chosen]  # in the order of the chips
        return FrameForm(role=self.key, cast=cast, initial={"prompt": prompt, "character_ids": people})

    def own_context(
        self, made: BlockGenerations, shown: Frame | Video | None, form: FrameForm | VideoForm | None
    ) -> dict[str, Any]:
        previous = neighbour(self.block, after=False)
        shape = shown or made.live(self.key) or made.chosen(Frame.Role.START)
        return {
            "previous": previous,
            "previous_clip": previous.videos.current().first() if previous else None,
            "shape": (shape.width, shape.height) if shape else (16, 9),
        }


class StartStep(FrameStep):
    """Step 1."""

    __slots__ = ()

    key = "start"
    number = 1
    title = gettext_lazy("Start frame")
    stage_template = "videogen/_start_stage.html"


class EndStep(FrameStep):
    """Step 2."""

    __slots__ = ()

    key = "end"
    number = 2
    title = gettext_lazy("End frame")
    is_optional = True
    needs_start_frame = True
    stage_template = "videogen/_end_stage.html"

    def notice_template(self, start: Frame | None, end: Frame | None) -> str:
        return "" if start else "videogen/_start_frame_first.html"


class VideoStep(Step):
    """Step 3."""

    __slots__ = ()

    key = VIDEO
    number = 3
    title = gettext_lazy("Video")
    icon = "film"
    prompt_label = gettext_lazy("What happens")
    right = GENERATE_VIDEO
    outdated_words = gettext_lazy("Since this take was made, this has changed:")
    outdated_comfort = gettext_lazy(
        "The take stays as it is, and plays. It is made again only where you press Generate."
    )
    form_template = "videogen/_video_form.html"
    stage_template = "videogen/_video_stage.html"
    needs_start_frame = True
    has_forecast = True

    @property
    def cancel_url(self) -> str:
        return self._address("clip_cancel_video")

    @property
    def optimize_url(self) -> str:
        return self._address("clip_optimize_video")

    @property
    def cancel_rewrite_url(self) -> str:
        return self._address("clip_cancel_rewrite_video")

    @property
    def estimate_url(self) -> str:
        """The estimate for the settings as typed, as a fragment."""
        return self._address("clip_estimate")

    def first_form(self, made: BlockGenerations, rewrite: PromptRewrite | None) -> VideoForm:
        line = line_of(self.block, made.videos)
        return VideoForm(initial=video_values(self.block, made, rewrite, line), line=line)

    def bound_form(self, data: QueryDict) -> VideoForm:
        return VideoForm(data, line=line_of(self.block))

    @property
    def split_url(self) -> str:
        """Where a POST cuts the line in two."""
        return self._address("clip_split_line")

    def composed_form(self, data: QueryDict) -> VideoForm:
        return VideoForm(initial={"prompt": compose.video_prompt(self.block)})

    def notice_template(self, start: Frame | None, end: Frame | None) -> str:
        if start is None:
            return "videogen/_start_frame_missing.html"
        return "" if end else "videogen/_end_frame_missing.html"

    def own_context(
        self, made: BlockGenerations, shown: Frame | Video | None, form: FrameForm | VideoForm | None
    ) -> dict[str, Any]:
        start, end = made.chosen(Frame.Role.START), made.chosen(Frame.Role.END)
        shape = made.live(self.key) or shown or start
        following = neighbour(self.block, after=True)
        why_kept = review.why_locked(shown) if isinstance(shown, Video) and shown.locked else ""
        may_delete = self.block.can.holds(DELETE_VIDEO)
        return {
            "start_live": made.live(Frame.Role.START),
            "end_live": made.live(Frame.Role.END),
            "shape": (shape.width, shape.height) if shape else (1280, 704),
            "next_start": StartStep(following) if following else None,
            "removed": removal.removed(self.block.pk) if may_delete else [],
            "may_delete": may_delete and not why_kept,
            "why_not_delete": why_kept or access.missing(DELETE_VIDEO),
            "other_takes": len(made.results(self.key)) - 1,
            **(self._of_take(made, shown, start, end) if isinstance(shown, Video) else {}),
            **(forecast(form, start=start, end=end) if isinstance(form, VideoForm) else {}),
        }

    def _of_take(self, made: BlockGenerations, take: Video, start: Frame | None, end: Frame | None) -> dict[str, Any]:
        rival = _rival(made, take)
        return {
            "why_no_new_seed": NothingNewError() if take.ignores_seed(start, end) else "",
            "notes": notes.of(take),
            "ink": Ink.on(take),
            "history": review.histories([take])[take.pk],
            "line_words": words_of(take),
            "review_choices": Choice.all(take, rival),
            "why_not_use": review.why_locked(rival) if rival else "",
            "series": Series.of(take, made.results(self.key)),
        }


def _rival(made: BlockGenerations, shown: Video) -> Video | None:
    """Return the locked clip because of which the shown take cannot become the clip."""
    current = made.current
    return current if current is not None and current.locked and current != shown else None


STEP_TYPES: dict[str, type[StartStep | EndStep | VideoStep]] = {
    step.key: step for step in (StartStep, EndStep, VideoStep)
}


def steps(block: Block, made: BlockGenerations, current: str) -> Sequence[Step]:
    """List the three steps with their states; `current` is the key of the open one."""
    return [step(block, _state(made, key), key == current) for key, step in STEP_TYPES.items()]


def _state(made: BlockGenerations, step: str) -> str:
    if made.live(step):
        return "running"
    if made.in_use(step):
        return "done"
    return "failed" if made.failure(step) else "todo"


def open_step(block: Block) -> Step:
    """Choose the step to open: the one in which something is being made, else the first that lacks something."""
    made = BlockGenerations.of(block)
    for key in STEP_TYPES:
        if made.live(key):
            return Step.of(block, key)
    return VideoStep(block) if made.chosen(Frame.Role.START) else StartStep(block)


def neighbour(block: Block, *, after: bool) -> Block | None:
    """Find the next block of the scene, or the previous one."""
    blocks = block.scene.blocks.all()
    if after:
        return blocks.filter(position__gt=block.position).order_by("position").first()
    return blocks.filter(position__lt=block.position).order_by("-position").first()
