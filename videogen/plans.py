"""What one press would make of a scene or a film: which frames and clips, why, in how many seconds, and what not.

A plan is read anew each time and stored nowhere. Its number of queries does not depend on the number of blocks, nor of
scenes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from scenes import access
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, Block, Character, Film, Scene
from videogen import outdated, pipelines, prefill
from videogen.errors import shown
from videogen.estimates import Forecasts
from videogen.models import VIDEO, Batch, BlockGenerations, Frame, PromptRewrite, Video
from videogen.pipelines import loras
from videogen.review import why_locked
from videogen.specs import FrameSpec, SpecError, VideoSpec
from videogen.spoken import line_of

START, END = Frame.Role.START.value, Frame.Role.END.value
_RIGHTS = {"frame": GENERATE_FRAME, "video": GENERATE_VIDEO}
SETTINGS: Mapping[str, tuple[str, ...]] = {  # what may be set for all that a plan makes, by kind
    "frame": ("model", "negative_prompt", "steps", "guidance_scale", "seed", "width", "height"),
    "video": (
        *("model", "negative_prompt", "duration", "frame_rate", "steps", "guidance_scale"),
        *("seed", "width", "height", "sound"),
    ),
}
Settings = Mapping[str, Mapping[str, object]]
STAND_IN = "…"


def _kind_of(step: str) -> str:
    return "video" if step == VIDEO else "frame"


@dataclass(frozen=True, slots=True)
class Item:
    """One frame or clip that would be made. step: of the dialog. reason: of Batch.Only. seconds: None before its
    model's first run.

    start, end: the block's chosen frames. rewrite: of its prompt, the latest. changed: the parts it is out of date for.
    anew: its prompt is composed of the script, because the last one was written for other words. awaits: the frame that
    is being made already and that it waits for. after: the step whose frame, of the same plan, it waits for.
    """

    block: Block
    step: str
    reason: str
    spec: FrameSpec | VideoSpec
    seconds: float | None
    start: Frame | None
    end: Frame | None
    rewrite: PromptRewrite | None
    changed: tuple[str, ...] = ()
    anew: bool = False
    awaits: Frame | None = None
    after: str = ""

    @property
    def kind(self) -> str:
        """Whether it is a frame or a video."""
        return _kind_of(self.step)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One frame or clip that belongs to what was asked for and cannot be made now. message: a sentence for people.

    batch_id: the batch that makes it already.
    """

    block: Block
    step: str
    code: str
    message: str
    batch_id: UUID | None = None

    @property
    def kind(self) -> str:
        """Whether it is a frame or a video."""
        return _kind_of(self.step)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be made, in the order of the script, and what not.

    gone: blocks that were chosen and are not here any more, with a sentence for people.
    """

    what: str
    only: str
    items: list[Item] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    gone: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float | None:
        """How long all of it takes one worker; None where that is not known of each."""
        known = [item.seconds for item in self.items]
        return None if None in known else sum(seconds for seconds in known if seconds is not None)

    @property
    def block_ids(self) -> list[UUID]:
        """The blocks of which something would be made, once each."""
        return list(dict.fromkeys(item.block.pk for item in self.items))

    @property
    def is_forbidden(self) -> bool:
        """Whether nothing can be made because the person lacks the right to, everywhere."""
        return not self.items and bool(self.refused) and all(refusal.code == "not_allowed" for refusal in self.refused)


def scenes_of(person: access.Person, place: Film | Scene) -> list[Scene]:
    """Return the scenes a plan for this place looks at: those that the person may see, in order. Few queries."""
    scenes = access.visible_scenes(person).select_related("location", "film")
    here = scenes.filter(film=place) if isinstance(place, Film) else scenes.filter(pk=place.pk)
    return list(here.order_by("position").prefetch_related("characters"))


def blocks_of(person: access.Person, scenes: Sequence[Scene], chosen: Collection[UUID] | None) -> list[Block]:
    """Read the blocks of these scenes, in order and with `.can` set. chosen: ids to keep; None for all."""
    by_id = {scene.pk: scene for scene in scenes}
    found = Block.objects.filter(scene__in=by_id).select_related("character").order_by("scene__position", "position")
    blocks = [block for block in found if chosen is None or block.pk in chosen]
    for block in blocks:
        block.scene = by_id[block.scene_id]  # one object for all of them, with what was read of it
    if scenes:
        access.grant_rights_in(person, scenes[0].film, scenes, blocks)
    return blocks


def plan(
    person: access.Person,
    place: Film | Scene,
    *,
    what: str,
    only: str,
    chosen: Collection[UUID] | None = None,
    settings: Settings | None = None,
    end_frames: bool = False,
    with_prompts: bool = False,
) -> Plan:
    """Plan for a scene or a film what `what` and `only` name (see Batch). chosen: ids of the only blocks to look at.

    settings: for all that is made, by kind and name (SETTINGS). end_frames: with the frames also end frames, of blocks
    that were given one before. with_prompts: compose the prompts of what is to be
    started; one that is only looked at has STAND_IN in their place. Raises SpecError where a setting keeps no limit.
    """
    scenes = scenes_of(person, place)
    blocks = blocks_of(person, scenes, chosen)
    drafting = _Drafting.begin(blocks, settings or {}, "" if with_prompts else STAND_IN)
    made = Plan(what, only, gone=_gone(scenes, set(chosen or ()) - {block.pk for block in blocks}))
    roles = () if what == Batch.What.VIDEOS else (START, END) if end_frames else (START,)
    for block in blocks:
        _plan_block(made, block, drafting, roles)
    return made


def _gone(scenes: Sequence[Scene], missing: Collection[UUID]) -> dict[UUID, str]:
    """Say of each of these blocks why it is not here; the words only of one that was in these scenes. One query."""
    if not missing:
        return {}
    sentence = _("A block that was named is not here. It was deleted, or you may not see it.")
    removed = Block.everything.filter(pk__in=missing, scene__in=scenes).order_by("scene__position", "position")
    told = {block.pk: _("“%s” is no longer in the script.") % Truncator(block.text).chars(60) for block in removed}
    return told | {pk: sentence for pk in sorted(missing) if pk not in told}


def _plan_block(made: Plan, block: Block, drafting: "_Drafting", roles: Sequence[str]) -> None:
    wanted = drafting.wanted(block, roles, made.only)
    wants_video = made.what != Batch.What.FRAMES and drafting.wants(block, VIDEO, made.only, remade=bool(wanted))
    stands = drafting.refuse(block, VIDEO) if wants_video else None
    if stands and stands.code == "locked":
        made.refused.append(stands)  # nor frames, which would only take the approved clip's frames away
        return
    after = ""
    for role in wanted:
        if _has_start(made, drafting, block, role, after) and _add(made, drafting, block, role, after):
            after = role
    wants_video = wants_video and drafting.wants(block, VIDEO, made.only, remade=bool(after))
    if wants_video and (stands or _has_start(made, drafting, block, VIDEO, after)):
        _add(made, drafting, block, VIDEO, after, with_end=END in roles)


def _has_start(made: Plan, drafting: "_Drafting", block: Block, step: str, after: str) -> bool:
    """Tell whether a step has the start frame that it needs, or will have it; else note that it has not."""
    rows = drafting.rows[block.pk]
    if step == START or after or rows.chosen(START) or rows.live(START):
        return True
    sentence = _("It has no start frame yet. Make or upload one first.")
    made.refused.append(Refusal(block, step, "start_frame_missing", sentence))
    return False


def _add(
    made: Plan, drafting: "_Drafting", block: Block, step: str, after: str = "", *, with_end: bool = False
) -> bool:
    """Add a job to a plan, or what stands against it. Returns whether it was added."""
    if refusal := drafting.refuse(block, step):
        made.refused.append(refusal)
        return False
    try:
        made.items.append(drafting.draft(block, step, made.only, after=after, with_end=with_end))
    except SpecError as refused:
        code = "no_prompt" if set(refused.errors) == {"prompt"} else "over_limits"
        made.refused.append(Refusal(block, step, code, str(refused)))
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Drafting:
    """What is read once for all blocks of a plan."""

    rows: Mapping[UUID, BlockGenerations]
    rewrites: Mapping[tuple[UUID, str], PromptRewrite]
    known: Mapping[str, dict[str, Any]]
    settings: Settings
    stand_in: str
    forecasts: Forecasts
    present: Mapping[UUID, outdated.Present]  # by scene

    @classmethod
    def begin(cls, blocks: Sequence[Block], settings: Settings, stand_in: str) -> "_Drafting":
        """Read it. Three queries. Raises SpecError for settings that keep no limits."""
        known = {kind: pipelines.known(kind) for kind in _RIGHTS}
        present = {scene.pk: outdated.Present.of(scene) for scene in {block.scene for block in blocks}}
        found = cls(_rows_of(blocks), _rewrites_of(blocks), known, settings, stand_in, Forecasts(), present)
        found.check_settings()
        return found

    def check_settings(self) -> None:
        """Raise SpecError for settings of the plan that no block could keep."""
        for kind, given in self.settings.items():
            if "model" in given and not given["model"]:  # which a spec takes for "no matter which"
                offered = ", ".join(self.known[kind]["models"])
                raise SpecError({"model": f"Pipeline must be one of {offered}; {shown(given['model'])} was given."})
            try:
                if kind == "frame":
                    self.frame_spec({"prompt": "-", "role": START, "character_ids": ()}, ())
                else:
                    self.video_spec({"prompt": "-"})
            except SpecError as refused:
                if of_settings := {name: words for name, words in refused.errors.items() if name in given}:
                    raise SpecError(of_settings) from None

    def wanted(self, block: Block, roles: Iterable[str], only: str) -> list[str]:
        """Name the frames of a block that belong to the plan, in the order in which they are made."""
        found: list[str] = []
        for role in roles:
            if self.wants(block, role, only, remade=bool(found)):
                found.append(role)
        return found

    def wants(self, block: Block, step: str, only: str, *, remade: bool = False) -> bool:
        """Tell whether what a step made of a block belongs to the plan.

        remade: a frame does, which this is made from. An end frame is wanted only where the block was given one before,
        and not in place of one that somebody brought.
        """
        rows = self.rows[block.pk]
        in_use = rows.in_use(step)
        match only:
            case Batch.Only.MISSING:
                return in_use is None and (step != END or bool(rows.of_step(END)))
            case Batch.Only.FAILED:
                # A clip that failed for want of its frame is made by making the frame, though that was only stopped.
                clip = rows.failure(VIDEO) if step == START and rows.in_use(START) is None else None
                return rows.failure(step) is not None or (clip is not None and clip.error_code == "frame_not_made")
        is_brought = step == END and in_use is not None and not in_use.spec
        return bool(self.changed(block, step)) or (remade and in_use is not None and not is_brought)

    def changed(self, block: Block, step: str) -> tuple[str, ...]:
        """Name the parts that have changed since what a step shows was made, see videogen.outdated."""
        rows = self.rows[block.pk]
        row, end = rows.in_use(step), rows.chosen(Frame.Role.END)
        return outdated.parts(row, block, self.present[block.scene_id], rows.chosen(START), end) if row else ()

    def is_of_old_words(self, block: Block, step: str) -> bool:
        """Tell whether the last prompt of a step was written for other words than the script has now."""
        row = self.rows[block.pk].last_with_settings(step)
        parts = outdated.parts(row, block, self.present[block.scene_id], None, None) if row else ()
        return any(outdated.is_said(part) for part in parts)

    def refuse(self, block: Block, step: str) -> Refusal | None:
        """Tell what stands against making this of a block now, None where nothing does."""
        right = _RIGHTS[_kind_of(step)]
        if not block.can.holds(right):
            return Refusal(block, step, "not_allowed", access.missing(right))
        rows = self.rows[block.pk]
        if live := rows.live(step):
            return Refusal(block, step, "already_running", _("It is being made already."), live.batch_id)
        if step == VIDEO and rows.current and rows.current.locked:
            return Refusal(block, step, "locked", why_locked(rows.current))
        return None

    def draft(self, block: Block, step: str, reason: str, *, after: str, with_end: bool) -> Item:
        """Prepare a job as the dialog would begin it. with_end: a clip waits for an end frame too. Raises SpecError."""
        rows = self.rows[block.pk]
        start, end = rows.chosen(START), rows.chosen(END)
        # A block without a word has nothing to be composed of: the prompt stays empty, and is refused.
        cast, stand_in = block.cast, self.stand_in if block.text.strip() else " "
        rewrite = self.rewrites.get((block.pk, step))
        changed = self.changed(block, step) if reason == Batch.Only.OUTDATED else ()
        anew = self.is_of_old_words(block, step)
        awaits = None if after or step == START else (rows.live(END) if with_end else None) or rows.live(START)
        waits = (awaits if isinstance(awaits, Frame) else None, after)
        if step == VIDEO:
            line = line_of(block, rows.videos)
            spec = self.video_spec(prefill.video_settings(block, rows, rewrite, cast, stand_in, line=line, anew=anew))
            goes_to_end = end is not None or after == END or (awaits is not None and awaits == rows.live(END))
            seconds = self._expect("video", spec, has_end=goes_to_end)
            return Item(block, step, reason, spec, seconds, start, end, rewrite, changed, anew, *waits)
        values = prefill.frame_settings(block, step, rows, rewrite, cast, stand_in, anew=anew)
        shown = self.frame_spec({**values, "role": step}, cast)
        seconds = self._expect("frame", shown)
        return Item(block, step, reason, shown, seconds, start, end, rewrite, changed, anew, *waits)

    def frame_spec(self, values: Mapping[str, Any], cast: Iterable[Character]) -> FrameSpec:
        """Read the settings of a frame, and those of the plan over them."""
        ids = [str(who.pk) for who in cast]
        there = {**values, "character_ids": [who for who in values["character_ids"] if who in ids]}
        return FrameSpec.read(self._over(there, "frame"), **self.known["frame"], cast=ids)

    def video_spec(self, values: Mapping[str, Any]) -> VideoSpec:
        """Read the settings of a clip, and those of the plan over them."""
        uses = [{"name": use["name"], "strength": use["strength"]} for use in values.get("loras", ())]
        there = self._over({**values, "loras": uses}, "video")
        return VideoSpec.read(there, **self.known["video"], loras=loras.chosen)

    def _over(self, values: dict[str, Any], kind: str) -> dict[str, Any]:
        if values.get("model") not in self.known[kind]["models"]:
            values["model"] = None  # the one of the last time is no longer offered: the default
        return values | dict(self.settings.get(kind, {}))

    def _expect(self, kind: str, spec: FrameSpec | VideoSpec, *, has_end: bool | None = None) -> float | None:
        size = pipelines.find(kind, spec.model).pixel_steps(spec)
        return self.forecasts.expect(kind, spec.model, size, has_end)


_UNREAD = ("made_from", "rewrite")  # of frames: large, and not looked at


def _rows_of(blocks: Sequence[Block]) -> dict[UUID, BlockGenerations]:
    """Read how the blocks stand, and the newest of each step that has settings. Two queries."""
    ids = [block.pk for block in blocks]
    frames: dict[UUID, list[Frame]] = {pk: [] for pk in ids}
    videos: dict[UUID, list[Video]] = {pk: [] for pk in ids}
    here = Frame.objects.filter(block__in=ids)
    standing = Q(pk__in=here.standing().order_by().values("pk"))
    generated = Q(source=Frame.Source.GENERATED)
    newer = Frame.objects.filter(generated, block=OuterRef("block"), role=OuterRef("role"))
    asked = generated & ~Exists(newer.filter(created_at__gt=OuterRef("created_at")))
    for frame in here.filter(standing | asked).defer(*_UNREAD).order_by():
        frames[frame.block_id].append(frame)
    told = Video.objects.standing().select_related("reviewed_by", "locked_by")  # who locked it
    for video in told.filter(block__in=ids).defer("rewrite").order_by():
        videos[video.block_id].append(video)
    return {pk: BlockGenerations.from_rows(found, videos[pk]) for pk, found in frames.items()}


def _rewrites_of(blocks: Sequence[Block]) -> dict[tuple[UUID, str], PromptRewrite]:
    """Read the latest rewrite of each step. One query."""
    newer = PromptRewrite.objects.filter(block=OuterRef("block"), dialog_step=OuterRef("dialog_step"))
    latest = PromptRewrite.objects.filter(~Exists(newer.filter(created_at__gt=OuterRef("created_at"))))
    found = latest.filter(block__in=[block.pk for block in blocks]).order_by()
    return {(row.block_id, row.dialog_step): row for row in found}
