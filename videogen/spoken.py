"""What is said in a block's clip, by whom, and how long it takes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scenes.models import Block
from videogen import pipelines
from videogen.models import Video
from videogen.specs import DEFAULT_DURATION, VideoSpec
from videogen.speech import length
from videogen.speech.casting import cast_line, spoken_text
from videogen.speech.length import LEAD, Length
from videogen.speech.line import Casting, SpokenLine


@dataclass(frozen=True, slots=True)
class BlockLine:
    """The line of a block. casting: with which voice, or why with none."""

    casting: Casting
    length: Length

    @property
    def duration(self) -> int:
        """Whole seconds of a clip by default."""
        return self.length.duration


def line_of(block: Block, takes: Iterable[Video] = ()) -> BlockLine | None:
    """Return what is said in the block; None where nothing is.

    takes: of the block, newest first. Of one that spoke the same line the length is known, else it is an estimate.
    """
    casting = cast_line(block)
    if block.kind != Block.Kind.DIALOG:
        return None
    if casting.line is None:
        return BlockLine(casting, length.estimate_text(spoken_text(block.text)))
    document = casting.line.model_dump(mode="json")
    known = (take.line_seconds for take in takes if take.line_seconds and take.setting("line") == document)
    seconds = next(known, None)
    found = Length(seconds, is_measured=True) if seconds else length.estimate(casting.line)
    return BlockLine(casting, found)


def default_duration(block: Block) -> int:
    """Return how long a clip of the block is where nobody says otherwise, in seconds."""
    line = line_of(block)
    return line.duration if line else DEFAULT_DURATION


def what_is_cut(found: Length, duration: int) -> str:
    """Say how much of a line does not fit in a clip; empty where it does."""
    if found.beyond(duration) < 0.05:
        return ""
    words = (
        _(
            "The line takes %(seconds).1f s and begins after %(lead).1f s: the last %(beyond).1f s are not in a clip "
            "of %(duration)d s. It fades out."
        )
        if found.is_measured
        else _(
            "The line takes about %(seconds).1f s and begins after %(lead).1f s: about %(beyond).1f s are not in a "
            "clip of %(duration)d s. It fades out."
        )
    )
    # Reckoned with the figures as they are shown, so that whoever adds them up gets the same.
    seconds, lead = round(found.seconds, 1), math.ceil(10 * LEAD) / 10
    return words % {"seconds": seconds, "lead": lead, "beyond": seconds + lead - duration, "duration": duration}


def was_suggested(take: Video, line: BlockLine) -> bool:
    """Tell whether a take is as long as was suggested when it was asked for, so that nobody chose its length.

    line: of its block now. Of a take older than the record of its words that is not known, and False.
    """
    voice = line.casting.line
    if then := take.setting("line"):
        lengths = [length.estimate(SpokenLine.model_validate(then))]
        lengths += [Length(take.line_seconds, is_measured=True)] if take.line_seconds else []
    elif take.made_from.get("kind") == Block.Kind.DIALOG:
        said = spoken_text(take.made_from.get("text", ""))
        lengths = [length.estimate_text(said, voice.engine, voice.speed) if voice else length.estimate_text(said)]
    else:
        return bool(take.made_from) and take.duration == DEFAULT_DURATION
    return take.duration in {found.duration for found in lengths}


def words_of(take: Video) -> str:
    """Say what is not as asked of a take's voice, or that its line does not fit, before it is made and after."""
    if take.line_seconds is not None or not take.is_live:
        return take.line_note
    line = take.read_spec().line
    cut = what_is_cut(length.estimate(line), take.duration) if line else ""
    return " ".join(filter(None, [take.line_note, cut]))


def with_voice(block: Block, spec: VideoSpec) -> tuple[VideoSpec, str]:
    """Return the settings with the line of the block, where the pipeline has scratch voices, and what is said of it."""
    if not spec.sound or not pipelines.find("video", spec.model).speaks:
        return spec, ""
    casting = cast_line(block)
    return spec.replace(line=casting.line.model_dump(mode="json") if casting.line else None), casting.note
