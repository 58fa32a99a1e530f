"""The settings of a frame or video, of the form or of a program."""

from collections.abc import Callable, Mapping, Sequence

from scenes.models import Character
from videogen import pipelines
from videogen.specs import Collected, FrameSpec, SpecError, VideoSpec


def read_video_spec(raw: Mapping[str, object], *, as_text: bool = False) -> VideoSpec:
    """The settings of a video, of the form or of a program. Raises SpecError with all that is wrong."""
    collected = Collected()
    model = collected.call(lambda: pipelines.named("video", raw.get("model")), "")
    spec: VideoSpec = collected.call(lambda: VideoSpec.read(raw, as_text=as_text, model=model))
    collected.check()
    return spec


def read_frame_spec(
    raw: Mapping[str, object],
    *,
    role: str,
    include_location: bool,
    characters: Callable[[], tuple[str, ...]],
    as_text: bool = False,
) -> FrameSpec:
    """The settings of a frame, of the form or of a program. Raises SpecError with all that is wrong."""
    collected = Collected()
    chosen = {
        "model": collected.call(lambda: pipelines.named("frame", raw.get("model")), ""),
        "character_ids": collected.call(characters, ()),
    }
    spec: FrameSpec = collected.call(
        lambda: FrameSpec.read({**raw, "role": role}, as_text=as_text, include_location=include_location, **chosen)
    )
    collected.check()
    return spec


def read_cast(cast: Sequence[Character], given: Sequence[str]) -> tuple[str, ...]:
    """The given ids in the order of the cast. Raises SpecError for one that is not of this scene."""
    known = [str(one.pk) for one in cast]
    for one in given:
        if one not in known:
            raise SpecError({"character_ids": f"Character “{one[:40]}” does not belong to this scene."})
    return tuple(one for one in known if one in given)
