"""The optimizer that needs no model: puts what was typed into the order and the words a video model understands.

It moves, renames and completes from the character sheet and the location; it has no ideas of its own. Running it on
its own result changes nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from videogen.prompts import languages, speech
from videogen.prompts.context import Person, PromptContext
from videogen.prompts.looks import Look, looks_of, names_of, put_looks
from videogen.specs import PROMPT_LENGTH

VERSION = "composer-3"
DEFAULT_CAMERA = "Slow push in"

_MANNER = (
    r"(?:(?:then|and|with|while|as|an?|the|very|slow(?:ly)?|gentle|gently|soft(?:ly)?|quick(?:ly)?|fast|steady|steadily"
    r"|smooth(?:ly)?|subtle|slight(?:ly)?|extreme|medium)\s+)*"
)
_CAMERA = re.compile(
    rf"\A{_MANNER}(?:camera\b.*"
    r"|(?:push|pull|dolly|dollies|zoom|pan|tilt|track|truck|crane|pedestal|orbit|arc|jib)(?:s|es|ning|ing)?"
    r"(?:[\s-](?:in|out|back|left|right|up|down|closer|away|forward|around|shot|along|from|across|over|towards?|on|to)\b.*)?"
    r"|static(?:\s(?:camera|shot|frame))?|locked[\s-]?off(?:\s.*)?|hand[\s-]?held(?:\s.*)?|(?:still|fixed)\s(?:camera|shot|frame)"
    r"|no camera (?:move|movement|motion))\Z",
    re.IGNORECASE | re.DOTALL,
)
# Words of the camera wherever they stand: where there are any, no further move is added.
_CAMERA_WORDS = re.compile(
    r"\b(?:camera|lens|push(?:es|ing)?[\s-]+in|pull(?:s|ing)?[\s-]+(?:out|back)|doll(?:y|ies|ying)|zoom(?:s|ing)?"
    r"|pan(?:s|ned|ning)?[\s-]+(?:left|right|up|down|across|along|over|to|from|around|slowly|quickly|shot)"
    r"|tilt(?:s|ed|ing)?[\s-]+(?:up|down)|(?:track|truck)(?:s|ing)?[\s-]+(?:shot|left|right|in|out|along|with|behind)"
    r"|crane(?:s|d)?[\s-]+(?:shot|up|down)|pedestal|orbits?|orbiting|steadicam|(?:arc|drone|aerial|static)[\s-]shot"
    r"|hand[\s-]?held|locked[\s-]?(?:off|down)|tripod|point of view|pov|whip pan|time[\s-]?lapse"
    r"|(?:we|view|shot|frame)\s+(?:slowly\s+|gently\s+)?(?:move|pan|tilt|push|pull|follow|track|drift|glide|rise|descend)s?)\b",
    re.IGNORECASE,
)
# A clause that hangs on the one before it, or goes on from it in time: it keeps its place.
_HANGS_ON = re.compile(r"\A(?:and|but|then|while|as|when|until|before|after|whereupon|meanwhile)\b", re.IGNORECASE)
_SILENCE = re.compile(r"\b(?:silence|silent|silently|soundless|no sounds?|without a sound|mute|muted)\b", re.IGNORECASE)
_SHOT = re.compile(
    rf"\A{_MANNER}(?:close[\s-]?up|wide|medium|long|full|establishing|low[\s-]angle|high[\s-]angle|over[\s-]the[\s-]shoulder"
    r"|bird's[\s-]eye|two)(?:[\s-](?:shot|view|angle|close[\s-]?up)|\b)(?:\s(?:of|on|over|from)\s.*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_SOUND_LABEL = re.compile(r"\A(?:the\s)?(?:ambient\s)?(?:sounds?|audio)(?:\s*:\s*|\sof\s)", re.IGNORECASE)
_SOUND = re.compile(
    r"\A(?:(?:a|the|some|distant|soft|loud|light|heavy|strong|howling|quiet|far)\s)*(?:wind|rain|thunder|waves|surf|music"
    r"|birds?|birdsong|gulls|seagulls|footsteps|silence|traffic|crickets|applause|laughter|bells?"
    r"|crackling fire|humming|sirens?)\Z",
    re.IGNORECASE,
)
# Words of the script or the place, and what is heard where they are.
_HEARD = {
    "waves": r"sea(?!\s(?:chart|map))|ocean|bay|shore|beach|jetty|surf",
    "rain": r"rain|rains|raining|downpour|drizzle",
    "wind": r"wind|winds|windy|gale|storm",
    "thunder": r"thunder|thunderstorm",
    "a crackling fire": r"fire|fireplace|stove|campfire|bonfire",
    "a singing kettle": r"kettle",
    "birds": r"birds|forest|woods|gulls|seagulls",
    "traffic": r"traffic|street|avenue|highway",
    "quiet chatter": r"crowd|café|cafe|pub|restaurant|market",
}
_HEARD_PATTERNS = {sound: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for sound, words in _HEARD.items()}
_PRONOUN = re.compile(r"\A(?:and\s|then\s)*(she|he|they)\b(?!['’])", re.IGNORECASE)
_SAYS = "says|asks|answers|replies|speaks|whispers|shouts|murmurs|mutters|calls|cries|adds"
# A quoted passage may end a sentence, or not ("...?" Mara asks): only the sounds are known to begin another.
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?:(?<=\x00)|[,;])\s+(?=Sound:)|\n+")
_PLACEHOLDER = re.compile("\x00(\\d+)\x00")


def structure(context: PromptContext) -> str:
    """Write the typed text as one paragraph in the model's order, within the limit. What was typed goes first."""
    draft = _Draft(context)
    parts = draft.for_video() if context.is_video else draft.for_picture()
    for count in range(len(parts), 0, -1):  # additions at the end go before anything typed is cut
        text = " ".join(" ".join(parts[:count]).split())
        if count <= draft.typed_parts or len(text) <= PROMPT_LENGTH:
            break
    if not text or len(text) > PROMPT_LENGTH:
        return " ".join(context.typed.split())[:PROMPT_LENGTH]
    return text


def hour_sentence(context: PromptContext) -> str:
    """Return what a picture's prompt says of the time of day; empty where the heading names none."""
    return f"It is {context.hour}." if context.hour else ""


@dataclass
class _Parts:
    """The typed text taken apart, with placeholders for quoted passages."""

    camera: list[str] = field(default_factory=list)
    shots: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)


class _Draft:
    def __init__(self, context: PromptContext) -> None:
        self._material = context
        people = list(dict.fromkeys((*([context.speaker] if context.speaker else []), *context.cast)))
        sheets = " ".join([*(person.look for person in people), context.place])
        self._quotes: list[str] = []  # with their marks
        text = self._hide_quotes(context.typed, people)
        # The sentence of the hour is ours, in a prompt that was composed, and tells nothing of the writer's language.
        own = _PLACEHOLDER.sub(" ", text).replace(hour_sentence(context) or "\x00", " ")
        # The rules know English. A text that does not show it is left as it is, to the word and the mark.
        self._english = self._reads_english(own, people)
        # Typed in another language than the sheets are: words of theirs would not fit in.
        strangers = languages.differ(own, sheets) or (not self._english and not languages.shows_another(sheets))
        self._looks = {} if strangers else looks_of(people)
        self._is_foreign = strangers
        self._has_camera = bool(_CAMERA_WORDS.search(own))
        self._verbatim = " ".join(text.split())
        self._parts = self._take_apart(text) if self._english else _Parts()
        self.typed_parts = 0

    def _reads_english(self, own: str, people: Sequence[Person]) -> bool:
        names = {word for person in people for word in speech.words(person.name)}
        if self._quotes and not set(speech.words(own)) - names:  # a spoken line, perhaps with its cue
            return not languages.shows_another(" ".join(self._quotes))
        clauses = _clauses(" ".join(own.split()))
        of_the_trade = any(pattern.match(clause) for clause in clauses for pattern in (_CAMERA, _SHOT, _SOUND))
        return languages.shows_english(own) or (of_the_trade and not languages.shows_another(own))

    # --- Taking apart -------------------------------------------------------------------------------------------

    def _hide_quotes(self, typed: str, people: Sequence[Person]) -> str:
        text = speech.QUOTED.sub(self._hide, typed.replace("\x00", ""))
        text = self._hide_cues(text, people)
        line = self._material.line
        if speech.words(line) and not any(speech.words(line) == speech.words(quote) for quote in self._quotes):
            # The block's line typed without quotes: it is spoken all the same.
            loose = r"\s+".join(re.escape(word) for word in line.split())
            text = re.sub(loose, lambda found: self._hide_words(found[0]), text, count=1)
        return text

    def _hide_cues(self, text: str, people: Sequence[Person]) -> str:
        """Put a screenplay's cue, "MARA: Who is there?", in quotation marks."""
        names = [form for person in people for name in names_of(person) for form in (name, name.upper())]
        if not names:
            return text
        cue = re.compile(
            rf"^(\s*(?:{'|'.join(map(re.escape, names))})\s*:)[ \t]*([^\x00\n]*\w[^\x00\n]*)$", re.MULTILINE
        )
        return cue.sub(lambda found: f"{found[1]} {self._hide_words(found[2])}", text)

    def _hide(self, found: re.Match[str]) -> str:
        inside = next(group for group in found.groups() if group)
        if found[0].startswith('"'):
            return self._hide_words(inside)
        # Every language has marks of its own, French with a space within them.
        before, after = (" " if inside[at].isspace() else "" for at in (0, -1))
        return self._hide_words(inside, (found[0][0] + before, after + found[0][-1]))

    def _hide_words(self, words: str, marks: tuple[str, str] = ("“", "”")) -> str:
        # A quote inside of a spoken line gets single marks, or the line would seem to end there.
        words = re.sub(r"[“”„\"]", "’", re.sub(r"[“„\"](?=\w)", "‘", " ".join(words.split())))
        self._quotes.append(f"{marks[0]}{words}{marks[1]}")
        return f"\x00{len(self._quotes) - 1}\x00"

    def _show_quotes(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: self._quotes[int(found[1])], text)

    def _take_apart(self, text: str) -> _Parts:
        parts = _Parts()
        for sentence in _SENTENCE.split(text):
            label = _SOUND_LABEL.match(sentence)
            if label:
                heard = _clauses(sentence[label.end() :])
                parts.sounds += [clause for clause in heard if not _PLACEHOLDER.search(clause)]
                parts.events += [clause for clause in heard if _PLACEHOLDER.search(clause)]
                continue
            kept = [clause for clause in _clauses(sentence) if not self._put_aside(clause, parts)]
            if kept:
                end = sentence.rstrip()[-1:]
                parts.events.append(", ".join(kept) + (end if end in "!?…" else ""))
        return parts

    def _put_aside(self, clause: str, parts: _Parts) -> bool:
        if _HANGS_ON.match(clause) and self._material.step != "start":  # a first picture has nothing going on in it
            return False
        piles = [(_CAMERA, parts.camera), (_SHOT, parts.shots)]
        if self._material.is_video:
            piles.append((_SOUND, parts.sounds))  # in a picture, wind and rain are seen
        for pattern, pile in piles:
            if pattern.match(clause) and not _PLACEHOLDER.search(clause):
                pile.append(clause)
                return True
        return False

    # --- Putting together ---------------------------------------------------------------------------------------

    def for_video(self) -> list[str]:
        if not self._english:
            self.typed_parts = 1
            return [self._show_quotes(self._verbatim)]
        camera = [*self._parts.shots, *self._parts.camera]
        if not camera and not self._has_camera:
            camera = [DEFAULT_CAMERA]
        events = [self._event(event, introduce=False) for event in self._events()]
        sounds = self._parts.sounds or self._heard()
        parts = [_sentence(sentence) for sentence in (*camera, *events)]
        self.typed_parts = len(parts)
        if sounds:
            parts.append(_sentence(f"Sound: {', '.join(dict.fromkeys(sounds))}"))
        return [self._show_quotes(part) for part in parts]

    def for_picture(self) -> list[str]:
        # A picture holds one moment: what the camera does in the clip has no place in it. But where the clip ends
        # is seen from where the camera has gone by then.
        camera = self._parts.camera if self._material.step == "end" else []
        events = [self._event(event, introduce=True) for event in self._events()]
        parts = [_sentence(sentence) for sentence in (*self._parts.shots, *camera, *events)]
        if not self._english:
            parts = [self._verbatim]
        self.typed_parts = len(parts)
        said = " ".join(parts)
        # The hour stands before the place, whose own words may name another: a location is seen by day and by night.
        own = (hour_sentence(self._material), self._material.place, self._material.style)
        additions = [] if self._is_foreign else [*self._people(said), *own]
        parts += [_sentence(addition) for addition in additions if addition and not _is_said(addition, said)]
        return [self._show_quotes(part) for part in parts]

    def _events(self) -> list[str]:
        events = list(self._parts.events)
        if events and len(self._looks) == 1:
            (look,) = self._looks.values()
            name = look.short if self._material.is_video or look.first in events[0] else look.first
            events[0] = _PRONOUN.sub(lambda _: name, events[0], count=1)
        return events

    def _event(self, event: str, *, introduce: bool) -> str:
        event = put_looks(event, self._looks, introduce=introduce)
        return self._with_voice(event, introduce=introduce) if self._english and _PLACEHOLDER.search(event) else event

    def _with_voice(self, event: str, *, introduce: bool) -> str:
        """Add who speaks a line, and in which voice."""
        own = self._own_line(event)
        speaker = self._material.speaker if own else None
        for person, look in self._looks.items():
            cue = re.match(
                rf"\A(?:{re.escape(look.first)}|{re.escape(look.short)})\s*:\s*(?=\x00)", event, re.IGNORECASE
            )
            if cue or (person == speaker and event == own):
                name = look.first if introduce else look.short
                return f"{name} speaks{_voice(person)}: {event[cue.end() if cue else 0 :]}"
        if speaker and _voice(speaker) and _voice(speaker).casefold() not in event.casefold():
            says = re.compile(rf"\b({_SAYS})\s*[,:]?\s*(?={own})", re.IGNORECASE)
            return says.sub(lambda found: f"{found[1]}{_voice(speaker)}: ", event, count=1)
        return event

    def _own_line(self, event: str) -> str:
        """Return the placeholder of the block's own line in an event; empty if it is not there."""
        line = speech.words(self._material.line)
        found = (match for match in _PLACEHOLDER.finditer(event) if speech.words(self._quotes[int(match[1])]) == line)
        return next((match[0] for match in found), "") if line else ""

    def _people(self, said: str) -> Iterable[str]:
        """Describe the people who are shown but not yet spoken of, and complete the description of the others."""
        for person in self._material.cast:
            look = self._looks.get(person)
            if look is None:
                continue
            if not _is_said(look.first, said) and not _is_said(look.short, said):
                yield _full(look)
            elif not _is_said(look.first, said):
                yield f"{look.short} is {_full(look)}"
            elif look.rest and not _is_said(look.rest, said):
                yield f"{look.short}: {look.rest}"

    def _heard(self) -> list[str]:
        if _SILENCE.search(speech.unquoted(self._material.typed)):
            return []
        source = " ".join((speech.unquoted(self._material.typed), self._material.action, self._material.place))
        return [sound for sound, pattern in _HEARD_PATTERNS.items() if pattern.search(source)][:3]


def _full(look: Look) -> str:
    return f"{look.first}, {look.rest}" if look.rest else look.first


def _voice(person: Person) -> str:
    """Return ", voice low and calm", or nothing."""
    voice = " ".join(person.voice.split()).rstrip(".")
    if not voice:
        return ""
    return f", {voice}" if re.search(r"\bvoice\b", voice, re.IGNORECASE) else f", voice {voice}"


def _clauses(sentence: str) -> Sequence[str]:
    return [clause for part in re.split(r"[,;]\s+|[.!?…;,]+\Z", sentence.strip()) if (clause := part.strip(" .!…"))]


def _is_said(part: str, text: str) -> bool:
    return " ".join(part.casefold().split()).rstrip(".") in " ".join(text.casefold().split())


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?…" or text.endswith("\x00") else f"{text}."
