"""Check what a language model gave back, before it may replace what a person typed."""

import re
from collections.abc import Sequence

from videogen.errors import GenerationError
from videogen.prompts import languages, speech
from videogen.prompts.context import PromptContext
from videogen.specs import PROMPT_LENGTH, SpecError, read_prompt

_THOUGHTS = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```\w*\n(.*?)\n?```\Z", re.DOTALL)
_PREFACE = re.compile(r"\A[^\n“”\"]{1,100}:[ \t]*\n+")
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|not able|afraid)|i (?:can't|cannot|can not|won't|will not|must decline)"
    r"|sorry, (?:but )?i|as an? (?:ai|language model|assistant)\b|against (?:my|the) (?:guidelines|policy)"
    r"|es tut mir leid|ich kann (?:ihnen|dir|das|dabei|diese)|je (?:suis désolé|ne peux pas)|lo siento, (?:pero )?no)"
)
_MARKUP = (
    re.compile(r"</?[a-zA-Z!?][^<>]*>"),  # tags
    re.compile(r"</?(?:script|style|iframe|img|svg|object|embed|link|meta|form)\b", re.IGNORECASE),  # cut-off tags
    re.compile(r"```|\*\*|__\w|~~"),  # emphasis and code
    re.compile(r"^\s*(?:#{1,6}\s|[-*+•]\s|\d{1,2}[.)]\s|>\s|\|)", re.MULTILINE),  # headings, lists, tables
    re.compile(r"!?\[[^\]]*\]\([^)]*\)|\b(?:https?|javascript|data):\S"),  # links
    re.compile(r"&(?:[a-zA-Z]{2,8}|#x?[0-9a-fA-F]{1,6});"),  # entities
    re.compile(r"\A\s*[{\[]"),  # an object instead of sentences
)
# Characters that nobody sees: they reorder what is shown, or hide a word from every check.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_JOINERS = "\u200c\u200d"  # zero-width too, but some scripts and emoji are spelt with them
_OPENING = 240  # characters; a refusal says so at its beginning
_AGAIN = 4  # times in a row that a run of words may stand before it is a loop
_LONGEST_RUN = 30  # words


def check(answer: str, context: PromptContext) -> str:
    """Return the answer as one clean paragraph. Raises GenerationError with the reason why it is refused."""
    text = _lines(unwrap(_visible(answer, context)))
    if len(text) > PROMPT_LENGTH:  # first: what follows takes time that grows with the square of the length
        raise GenerationError("rewrite_too_long", limit=PROMPT_LENGTH)
    if not speech.words(text):
        raise GenerationError("rewrite_empty")
    if _refuses(text, context.typed):
        raise GenerationError("rewrite_refused")
    if any(pattern.search(text) for pattern in _MARKUP):
        raise GenerationError("rewrite_markup")
    if _repeats(text, context.spoken):
        raise GenerationError("rewrite_repeats")
    text = " ".join(text.split())
    _check_lines(text, context)
    if languages.differ(context.typed, text):
        raise GenerationError("rewrite_language")
    return _without_control(text)


def _visible(text: str, context: PromptContext) -> str:
    """Remove what cannot be seen; the joiners stay where the person or the script uses them."""
    own = {mark for mark in _JOINERS if mark in context.typed + context.line + context.action}
    return _INVISIBLE.sub(lambda found: found[0] if found[0] in own else "", text)


def _lines(text: str) -> str:
    """Keep the line breaks between words, for what is told by its place in a line; no other run of blank space."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def unwrap(answer: str) -> str:
    """Remove what models put around a text: their thoughts, a code fence, "Here is the prompt:", quotes."""
    text = _THOUGHTS.sub("", answer, count=1).strip()
    text = _FENCE.sub(r"\1", text).strip()
    text = _PREFACE.sub("", text, count=1).strip()
    inside = text[1:-1]
    if text[:1] + text[-1:] in ('""', "“”") and not any(mark in inside for mark in '"“”'):
        text = inside.strip()
    return text


def _refuses(text: str, typed: str) -> bool:
    # What a character says is not the model's own voice, and neither is what the person typed.
    opening = speech.unquoted(text)[:_OPENING].casefold().replace("’", "'")
    found = _REFUSAL.search(opening)
    return found is not None and found[0] not in typed.casefold().replace("’", "'")


def _repeats(text: str, lines: Sequence[str]) -> bool:
    """Whether the same words come again and again, or the same sentence three times."""
    known = {tuple(speech.words(line)) for line in lines}
    said = speech.QUOTED.sub(lambda found: "" if tuple(speech.words(found[0])) in known else found[0], text)
    sentences = [tuple(speech.words(sentence)) for sentence in re.split(r"[.!?…。！？]+\s*", said)]
    if any(len(sentence) > 2 and sentences.count(sentence) > 2 for sentence in set(sentences)):
        return True
    return _loops(speech.words(said))


def _loops(words: Sequence[str]) -> bool:
    for length in range(1, _LONGEST_RUN + 1):
        same = 0  # how many words in a row equal the one a run before
        for here, before in zip(words[length:], words, strict=False):
            same = same + 1 if here == before else 0
            if same >= length * (_AGAIN - 1) and same >= 4:
                return True
    return False


def _check_lines(text: str, context: PromptContext) -> None:
    said = [speech.words(line) for line in speech.quoted(text)]
    for line in context.spoken:
        if not any(speech.holds(quote, speech.words(_visible(line, context))) for quote in said):
            raise GenerationError("rewrite_lost_line", line=_short(line))
    known = [speech.words(_visible(source, context)) for source in (context.typed, context.line, context.action)]
    for line in speech.quoted(text):
        if not any(speech.holds(source, speech.words(line)) for source in known):
            raise GenerationError("rewrite_new_line", line=_short(line))


def _short(line: str) -> str:
    return line if len(line) <= 120 else f"{line[:119]}…"


def _without_control(text: str) -> str:
    try:
        return read_prompt(text)
    except SpecError as error:  # a control character: no sentence holds one
        raise GenerationError("rewrite_markup") from error
