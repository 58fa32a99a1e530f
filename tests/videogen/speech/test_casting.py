"""Who speaks a block, in which language, and what is said where nobody can."""

import pytest

from scenes.models import Character
from scenes.voices import VoiceKind, kind_of
from videogen.speech import engines
from videogen.speech.casting import cast_text, spoken_text
from videogen.speech.languages import language_of
from videogen.speech.length import estimate_text, halves


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who is out there?", "en"),
        ("No.", "en"),
        ("Mara!", "en"),
        ("Чому ти тут, діду?", "uk"),
        ("Зачем ты здесь?", "ru"),
        ("ここにいるよ", "ja"),
        ("漢字です", "ja"),
        ("你好，世界", "zh"),
        ("안녕하세요", "ko"),
        ("Ich weiß nicht, was das ist.", "de"),
        ("Je ne sais pas où il est.", "fr"),
        ("No lo sé, pero está muy cerca.", "es"),
        ("Γεια σου", "el"),
        ("שלום", "he"),
        ("… 42!", ""),
    ],
)
def test_the_language_of_a_line_is_found_by_its_script_and_words(text, language):
    # Catches a line that is read with the sounds of another language.
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("name", "look", "kind"),
    [
        ("Mara", "a young lighthouse keeper in a long yellow raincoat", VoiceKind.WOMAN),
        ("Wren", "a girl of ten with dark curls", VoiceKind.CHILD),
        ("Old Tobias", "an old keeper with a white beard", VoiceKind.OLD_MAN),
        ("Ada", "an elderly woman with her cane", VoiceKind.OLD_WOMAN),
        ("Jon", "a man with his dog", VoiceKind.MAN),
        ("Jon", "a tall man, her husband", VoiceKind.MAN),
        ("", "", VoiceKind.WOMAN),
    ],
)
def test_the_kind_of_voice_is_guessed_from_the_look(name, look, kind):
    # Catches a grandfather who speaks as a young woman.
    assert kind_of(name, look) == kind


def test_asides_and_marks_are_not_spoken():
    # Catches a voice that says "beat" and "asterisk".
    assert spoken_text("(beat)  Who *is*\nthere? [sighs] It's a _long_ way.") == "Who is there? It's a long way."


def test_a_line_that_nobody_speaks_says_which_language_it_is_in(monkeypatch):
    # Catches a clip that is silent without a word.
    english = engines.Engine("hibari", "Hibari", frozenset({"en"}), "")
    monkeypatch.setattr(engines, "installed", lambda: [english])
    casting = cast_text(Character(name="Mara"), "Чому ти тут, діду?")
    assert casting.line is None
    assert casting.note.startswith("Silent: no voice that is installed here speaks Ukrainian.")
    asked = cast_text(Character(name="Mara", voice_engine="piper:amy"), "Who is there?")
    assert asked.line is not None
    assert asked.note == "Hibari speaks: piper:amy is not installed here, or does not speak English."
    monkeypatch.setattr(engines, "installed", list)
    assert cast_text(Character(name="Mara"), "Who?").note.startswith("Silent: no voice is installed here.")
    assert cast_text(Character(name="Mara"), "…").note == "Silent: the line has no word that can be spoken."


def test_a_line_is_cut_where_a_reader_breathes():
    # Catches a line that is cut in a word, and one that cannot be cut and loops.
    assert halves("One two three. Four five. Six.") == ("One two three.", "Four five. Six.")
    assert halves("One two three, four five six") == ("One two three,", "four five six")
    assert halves("One two") == ("One", "two")
    assert halves("One.") is None


def test_a_longer_line_takes_longer_and_a_slower_one_too():
    # Catches a length that does not grow with the words.
    short, long = estimate_text("No."), estimate_text(40 * "It never waves, either. ")
    assert (short.needed, short.duration) == (1, 1)
    assert (long.duration, long.needed > 40) == (8, True)
    assert estimate_text("Who is out there?", speed=0.5).seconds == 2 * estimate_text("Who is out there?").seconds
