"""In which language a line is: by its script, and for Latin letters by its small words. Nothing is guessed further."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "pl": "Polish", "cs": "Czech", "tr": "Turkish", "sv": "Swedish", "uk": "Ukrainian",
    "ru": "Russian", "bg": "Bulgarian", "el": "Greek", "he": "Hebrew", "ar": "Arabic", "hi": "Hindi", "th": "Thai",
    "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ka": "Georgian", "hy": "Armenian",
}  # fmt: skip

# The first word of a letter's Unicode name -> the language that is meant where nothing speaks for another.
_SCRIPTS: Mapping[str, str] = {
    "LATIN": "en", "CYRILLIC": "ru", "GREEK": "el", "HEBREW": "he", "ARABIC": "ar", "DEVANAGARI": "hi", "THAI": "th",
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "HANGUL": "ko", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip

# Letters that one language of the script has and the others named here have not.
_LETTERS: tuple[tuple[str, str], ...] = (
    ("uk", "іїєґ"),
    ("ru", "ыэё"),
    ("de", "ß"),
    ("pl", "ąęłśźżń"),
    ("cs", "řěů"),
    ("tr", "ğış"),
    ("es", "ñ¿¡"),
    ("pt", "ãõ"),
    ("sv", "å"),
)


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS: Mapping[str, frozenset[str]] = {
    language: _words(words)
    for language, words in {
        "en": "the and is it of to you that was for are with this not what have there we he she they i my your no yes",
        "de": "der die das und ist nicht ich du wir sie es ein eine mit auf was wie aber ja nein den dem von zu hier",
        "fr": "le la les et est pas je tu nous vous il elle un une que qui ce dans pour avec mais oui non des du au",
        "es": "el la los las y es no yo tú que un una en con por para pero sí está qué se lo del al como muy",
        "it": "il lo la gli e è non io tu che un una di con per ma sì della sono questo ci si come del",
        "pt": "o a os as e é não eu que um uma em com por para mas sim está do da isso você como",
        "nl": "de het een en is niet ik je wij dat van met op maar ja nee dit hier wat zijn er",
        "pl": "nie to jest i w na się że co ja ty my tak ale jak do od za czy",
        "cs": "je to a se na že co já ty my ano ne ale jak v z do",
        "tr": "bir ve bu ben sen biz ne var yok evet hayır için ile de da ama",
        "sv": "och det är jag du vi inte en ett att som på med men ja nej den här",
    }.items()
}
_UKRAINIAN = _words("що не це як так але його вона він ми ви там тут де коли хто вже ще та")
_RUSSIAN = _words("что не это как так но его она он мы вы там тут где когда кто уже ещё и нет да")
ENOUGH = 2  # known words: one alone may be of several languages ("die", "no")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def language_of(text: str) -> str:
    """Return the language of a line, as its two letters; "" for one without a word, or in a script not named here."""
    scripts = Counter(_script(letter) for letter in text if letter.isalpha())
    if not scripts:
        return ""
    if scripts["HIRAGANA"] or scripts["KATAKANA"]:
        return "ja"  # written with Chinese characters as well
    script = scripts.most_common(1)[0][0]
    meant = _SCRIPTS.get(script, "")
    if script not in ("LATIN", "CYRILLIC"):
        return meant
    words = [word.casefold() for word in _WORD.findall(text)]
    letters = set(text.casefold())
    if script == "CYRILLIC":
        return _cyrillic(words, letters)
    scores = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    for language, own in _LETTERS:
        scores[language] = scores.get(language, 0) + 2 * len(letters & set(own))
    best = max(scores, key=lambda language: (scores[language], language == meant))
    return best if scores[best] >= ENOUGH else meant


def _cyrillic(words: list[str], letters: set[str]) -> str:
    if letters & set("іїєґ"):
        return "uk"
    if letters & set("ыэё"):
        return "ru"
    ukrainian, russian = (sum(word in known for word in words) for known in (_UKRAINIAN, _RUSSIAN))
    return "uk" if ukrainian > russian else "ru"


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


def name_of(language: str) -> str:
    """Return the English name of a language, for sentences."""
    return NAMES.get(language, language or "no language it knows")
