"""What the three steps show of one block: its pictures and clips, where it stands, and what the forms begin with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block, Character
from videogen import pipelines
from videogen.models import Frame, Status, Video
from videogen.prompts import compose
from videogen.specs import (
    DEFAULT_DURATION,
    DEFAULT_FRAME_RATE,
    DEFAULT_GUIDANCE_SCALE,
    DEFAULT_HEIGHT,
    DEFAULT_NEGATIVE_PROMPT,
    DEFAULT_STEPS,
    DEFAULT_WIDTH,
)
from web.forms.generation import FrameForm, VideoForm, size_name

DIALOG_STEPS = ("start", "end", "video")


@dataclass(frozen=True, slots=True)
class Material:
    """Everything made for one block, newest first."""

    frames: Sequence[Frame]
    videos: Sequence[Video]

    @classmethod
    def of(cls, block: Block) -> "Material":
        """Read it in two queries."""
        return cls(list(block.frames.order_by("-created_at")), list(block.videos.order_by("-created_at")))

    def made(self, step: str) -> Sequence[Frame | Video]:
        """The rows of one step, newest first."""
        return self.videos if step == "video" else [frame for frame in self.frames if frame.role == step]

    def live(self, step: str) -> Frame | Video | None:
        """What is queued or running in a step."""
        return next((row for row in self.made(step) if row.is_live), None)

    def results(self, step: str) -> list[Frame | Video]:
        """The candidates of a frame, or the takes of the clip."""
        return [row for row in self.made(step) if row.status == Status.SUCCEEDED]

    def chosen(self, role: str) -> Frame | None:
        """The picture used as the start or end frame."""
        return next((frame for frame in self.frames if frame.role == role and frame.is_chosen), None)

    @property
    def current(self) -> Video | None:
        """The take that is the block's clip."""
        return next((video for video in self.videos if video.is_current), None)

    def failure(self, step: str) -> Frame | Video | None:
        """The latest run of a step, if it failed and nothing was made since."""
        rows = self.made(step)
        return rows[0] if rows and rows[0].status == Status.FAILED else None

    def last_asked(self, step: str) -> Frame | Video | None:
        """The latest row of a step that was made from settings, whatever became of it."""
        return next((row for row in self.made(step) if row.spec), None)

    @property
    def signature(self) -> str:
        """Changes when something begins, ends or is asked to stop."""
        rows: list[Frame | Video] = [*self.frames, *self.videos]
        return signature([row for row in rows if row.is_live])


def live_rows(block: Block) -> list[Frame | Video]:
    """What is queued or running for a block, in two small queries."""
    return [*block.frames.live(), *block.videos.live()]


def step_of(row: Frame | Video) -> str:
    """The step in which a row is made."""
    return row.role if isinstance(row, Frame) else "video"


def signature(live: Sequence[Frame | Video]) -> str:
    """A short word for what is live: equal words, nothing worth drawing anew. Empty when nothing is live."""
    if not live:
        return ""
    words = sorted(f"{row.pk}{row.status}{row.is_stopping}" for row in live)
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the numbered steps on top of the dialog. state: todo, running, failed or done."""

    key: str
    number: int
    title: str
    url: str
    state: str
    is_current: bool
    is_optional: bool

    @property
    def words(self) -> str:
        """The state in a word, for those who do not see the icon."""
        return {
            "done": _("done"),
            "running": _("being made"),
            "failed": _("failed"),
        }.get(self.state, _("optional") if self.is_optional else _("to do"))


def steps(block: Block, material: Material, current: str) -> list[Step]:
    """The three steps with their states."""
    titles = {"start": _("Start frame"), "end": _("End frame"), "video": _("Video")}
    return [
        Step(
            key=key,
            number=number,
            title=titles[key],
            url=step_url(block, key),
            state=_state(material, key),
            is_current=key == current,
            is_optional=key == "end",
        )
        for number, key in enumerate(DIALOG_STEPS, start=1)
    ]


def _state(material: Material, step: str) -> str:
    if material.live(step):
        return "running"
    if material.current if step == "video" else material.chosen(step):
        return "done"
    return "failed" if material.failure(step) else "todo"


def step_url(block: Block, step: str) -> str:
    """The deep link of a step."""
    return reverse(f"clip_{step}", args=[block.scene_id, block.pk])


def right_step(material: Material) -> str:
    """Where opening the dialog leads: to what is being made, else to the first thing that is missing."""
    for step in DIALOG_STEPS:
        if material.live(step):
            return step
    return "video" if material.chosen("start") else "start"


def right_for(step: str) -> str:
    """The right that generating in a step asks for."""
    return GENERATE_VIDEO if step == "video" else GENERATE_FRAME


def make_form(
    block: Block, step: str, material: Material, data: Any = None, *, cast: Sequence[Character] | None = None
) -> FrameForm | VideoForm:
    """The form of a step: bound to what was sent, else filled with the last settings or with the defaults."""
    if step == "video":
        return VideoForm(data, initial=None if data else _video_values(block, material))
    cast = block.cast if cast is None else cast
    return FrameForm(data, role=step, cast=cast, initial=None if data else _frame_values(block, step, material, cast))


def _common_values(asked: Frame | Video | None, kind: str, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    values: dict[str, Any] = {
        "steps": DEFAULT_STEPS,
        "guidance_scale": DEFAULT_GUIDANCE_SCALE,
        "width": width,
        "height": height,
        "model": pipelines.chosen(kind).model.name,
        **(asked.spec if asked else {}),
    }
    values["guidance_scale"] = f"{values['guidance_scale']:g}"
    values["size"] = size_name(values["width"], values["height"])
    return values


def _frame_values(block: Block, role: str, material: Material, cast: Sequence[Character]) -> dict[str, Any]:
    # The end frame belongs to the start frame: its settings are the better beginning than none.
    own = material.last_asked(role)
    asked = own or (material.last_asked("start") if role == "end" else None)
    shown = compose.mentioned(block, cast)
    return {
        "include_location": True,
        "character_ids": [str(one.pk) for one in shown],
        **_common_values(asked, "frame", _size_like(material.chosen("start"))),
        "prompt": _last_prompt(block, role, own) or compose.frame_prompt(block, shown, role),
    }


def _video_values(block: Block, material: Material) -> dict[str, Any]:
    asked = material.last_asked("video")
    return {
        "negative_prompt": DEFAULT_NEGATIVE_PROMPT,
        "duration": DEFAULT_DURATION,
        "frame_rate": DEFAULT_FRAME_RATE,
        **_common_values(asked, "video", _size_like(material.chosen("start"))),
        "prompt": _last_prompt(block, "video", asked) or compose.video_prompt(block),
    }


def _last_prompt(block: Block, step: str, asked: Frame | Video | None) -> str:
    """The latest prompt of a step: what was last optimized, or typed to be, or generated from; nothing before."""
    rewrite = block.promptrewrites.of_step(step).first()
    if rewrite and (asked is None or rewrite.created_at > asked.created_at):
        return str(rewrite.result or rewrite.typed)
    return asked.prompt if asked else ""


def _size_like(start: Frame | None) -> tuple[int, int]:
    """The size to begin with: the start frame's own where it is one of the offered, else the default, as upright."""
    if start is None:
        return DEFAULT_WIDTH, DEFAULT_HEIGHT
    if size_name(start.width, start.height) != "custom":
        return start.width, start.height
    upright = start.height > start.width
    return (DEFAULT_HEIGHT, DEFAULT_WIDTH) if upright else (DEFAULT_WIDTH, DEFAULT_HEIGHT)


def neighbour(block: Block, *, after: bool) -> Block | None:
    """The next block of the scene, or the previous one."""
    blocks = block.scene.blocks.all()
    if after:
        return blocks.filter(position__gt=block.position).order_by("position").first()
    return blocks.filter(position__lt=block.position).order_by("-position").first()
