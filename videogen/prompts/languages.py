"""Whether two texts are in the same language, as far as a few dozen small words can tell.

Not a language detector: a prompt is short, and a wrong "another language" would throw away good work. So the answer
is "another" only where both texts clearly show which language they are in.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from videogen.prompts.speech import unquoted, words

_COMMON = {
    "en": "the and of to in is with on at her his from as it for into she he they while by an are its through over",
    "de": "der die das und ist ein eine einen mit auf im den dem sie er von zu sich nicht über aus durch während ihr",
    "fr": "le les des et est une dans avec sur elle il de la du en au qui se ses pour par vers sa son",
    "es": "el los las y es una en con sobre ella él de la del un se su al por hacia mientras que lo",
    "it": "il gli e è una nel con sul lei lui di la della un si suo al per verso mentre che le dal",
    "pt": "o os as e é uma no na com sobre ela ele de da do um se seu ao por para enquanto que",
    "nl": "de het een en is met op in zij hij van naar zich niet over uit door terwijl haar zijn",
    "sv": "och är en ett med på i hon han av till sig inte över från genom medan hennes den det som",
    "pl": "i jest w z na ona on do się nie nad przez podczas jej jego od po za który która",
    "tr": "ve bir bu ile için o da de içinde üzerinde doğru kadar gibi iken olan",
    "ru": "и в на с она он из к не по за что как от его её у над через это",
    "uk": "і в на з вона він із до не по за що як від його її у над через це та",
}
# Words that no text in one of the other languages holds, and words that do not tell English from another.
_ENGLISH = frozenset(
    [
        "the",
        "and",
        "with",
        "at",
        "from",
        "into",
        "she",
        "they",
        "while",
        "by",
        "are",
        "its",
        "through",
        "his",
        "him",
        "up",
        "down",
        "out",
        "back",
        "away",
        "then",
        "there",
        "who",
        "what",
        "toward",
        "towards",
        "behind",
        "above",
        "along",
        "across",
        "around",
        "slowly",
        "slow",
        "where",
        "when",
        "their",
        "our",
        "you",
        "your",
        "this",
        "that",
        "nobody",
        "somebody",
        "everybody",
        "someone",
        "everyone",
        "nothing",
        "something",
    ]
)
_SHARED = frozenset(
    [
        "in",
        "is",
        "on",
        "an",
        "as",
        "for",
        "it",
        "to",
        "he",
        "her",
        "a",
        "o",
        "e",
        "i",
        "do",
        "over",
        "of",
        "so",
        "no",
        "me",
        "be",
        "was",
        "or",
        "al",
    ]
)
# Small words that a short text may hold as its only ones; longer texts show their language without them.
_FURTHER = {
    "de": "nach links rechts vor dann geht steht kommt läuft langsam kamera wer wo wir ihr ihm ihn zum zur am bei es",
    "fr": "puis vers dans elle lentement caméra gauche droite où ses aux ne pas ce cette sous plan gros et",
    "es": "hacia luego entonces lentamente cámara izquierda derecha donde ante sin está muy plano primer y",
    "it": "poi lentamente sinistra destra dove senza è",
}
# "Mara runs": a verb behind a name, as only English has it.
_NAME_AND_VERB = re.compile(r"(?:\A|[.,;:!?]\s+)(?:[A-Z]\w*\s){1,2}([a-z]+[^s\W\d]s)\b")
_COMMON_WORDS = {language: frozenset(line.split()) for language, line in _COMMON.items()}
_LETTERS = {
    "de": "äöüß",
    "fr": "àâçèêëîïôùûœ",
    "es": "ñáíóú",
    "pt": "ãõç",
    "sv": "åäö",
    "pl": "ąćęłńśźż",
    "tr": "ğşı",
    "ru": "ыэё",
    "uk": "іїєґ",
}
_ONE_LANGUAGE = {"HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja"}
_LEAST = 3  # small words that a text must show before it counts as being in a language


def script_of(text: str) -> str:
    """Return the writing system of most letters: "LATIN", "CYRILLIC", "CJK", "ja", ... or nothing."""
    names = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    if names["HIRAGANA"] + names["KATAKANA"] > sum(names.values()) / 10:
        return "ja"
    script = names.most_common(1)[0][0] if names else ""
    return _ONE_LANGUAGE.get(script, script)


def language_of(text: str) -> str:
    """Return two letters where the text's own words (its quotes left out) clearly show the language; else nothing."""
    said = words(unquoted(text))
    scores = Counter(
        {
            language: sum(
                word in common or any(letter in word for letter in _LETTERS.get(language, "")) for word in said
            )
            for language, common in _COMMON_WORDS.items()
        }
    )
    (best, most), (_, second) = scores.most_common(2)
    return best if most >= _LEAST and most >= 1.5 * second else ""


def shows_english(text: str) -> bool:
    """Whether the own words of a text, its quotes left out, show English and no other language more than that.

    Stricter than `language_of`: for what must not be done to a text in another language, however short it is.
    """
    plain = " ".join(unquoted(text).split())
    if script_of(plain) not in ("LATIN", ""):
        return False
    said = words(plain)
    english = sum(word in _ENGLISH for word in said)
    other = max(_foreign(said, language) for language in _COMMON_WORDS if language != "en")
    return english >= max(other, 1) or (not other and bool(_NAME_AND_VERB.search(plain)))


def shows_another(text: str) -> bool:
    """Whether a text shows another language than English, by its writing or by more words than it has of English."""
    said = words(text)
    other = max(_foreign(said, language) for language in _COMMON_WORDS if language != "en")
    return script_of(text) not in ("LATIN", "") or other > sum(word in _ENGLISH for word in said)


def _foreign(said: Sequence[str], language: str) -> int:
    common = _COMMON_WORDS[language] | frozenset(_FURTHER.get(language, "").split()) - _SHARED - _ENGLISH
    letters = _LETTERS.get(language, "")
    return sum((word in common and word not in _SHARED) or any(letter in word for letter in letters) for word in said)


def differ(one: str, other: str) -> bool:
    """Whether the two texts are clearly in different languages."""
    scripts = {script_of(unquoted(text)) for text in (one, other)} - {""}
    languages = {language_of(text) for text in (one, other)} - {""}
    return len(scripts) > 1 or len(languages) > 1
