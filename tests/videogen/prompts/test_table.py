"""Sixty prompts in five languages, and what the rules without a language model must leave of each."""

import re

import pytest

from tests.fixtures.cast import MARA, PLACE, TOBIAS
from videogen.prompts.context import PromptContext
from videogen.prompts.structure import structure

# What was typed; pieces that must stand in the result in this order, with / between them; what must not be added.
ENGLISH = [
    ("Mara runs, while the camera pans left", "The young keeper runs / while the camera pans left", "push in"),
    ("she closes the door, then silence", "closes the door / then silence", "waves"),
    ("Mara turns around, pans left", "Pans left / The young keeper turns around", "push in"),
    ("The view pans left along the jetty", "The view pans left along the jetty", "push in"),
    ("We follow Mara up the stairs.", "We follow the young keeper up the stairs", "push in"),
    ("Mara waits and the camera orbits her", "The young keeper waits and the camera orbits her", "push in"),
    ("Push in. The young keeper opens the door. Sound: wind.", "Push in. The young keeper opens the door. Sound: wind.",
     "Slow"),
    ("zoom in, then pull back as Mara leaves", "Zoom in / hen pull back as the young keeper leaves", "Slow"),
    ("Handheld, Mara runs to the sea", "Handheld / The young keeper runs to the sea", "push in"),
    ("point of view of the gull over the jetty", "Point of view of the gull over the jetty", "push in"),
    ("Old Tobias lights the lamp, as the camera cranes up", "The old keeper lights the lamp / as the camera cranes up",
     "push in"),
    ("No sound. Mara holds the lamp.", "No sound / The young keeper holds the lamp", "waves"),
    ("Mara says \"Wait.\" and turns, slow pan right", "Slow pan right / “Wait.” / and turns", "push in"),
    ("drone shot of the rock at dawn, waves", "Drone shot of the rock at dawn / Sound: waves", "push in"),
    ("the lamp dies, silence", "The lamp dies / Sound: silence", "waves"),
    ("she looks up and they whisper 「さようなら」", "looks up and they whisper 「さようなら」", "“"),
]  # fmt: skip
# In every other language all of it stays, to the word and the mark, and nothing of another language is added.
GERMAN = [
    "Mara rennt, während die Kamera nach links schwenkt",
    "Mara öffnet die Tür, dann Stille",
    "Tobias lacht.",
    "Langsame Kamerafahrt auf den Leuchtturm zu",
    "Schwenk nach rechts",
    "Sie sagt „Wer ist da?“ und dreht sich um",
    "Nahaufnahme, Mara weint",
    "Der Wind heult; der Regen peitscht",
    "Mara steht am Fenster. Draußen Nacht.",
    "Totale: das Meer, ruhig",
    "Er wartet",
]
FRENCH = [
    "Mara court, tandis que la caméra glisse vers la gauche",
    "Elle ferme la porte, puis le silence",
    "Mara sourit.",
    "Travelling avant sur le phare",
    "Panoramique à droite",
    "Elle dit « Qui est là ? » et se retourne",
    "Gros plan, Mara pleure",
    "Le vent hurle ; la pluie fouette les vitres",
    "Tempête, vagues, mouettes",
    "Plan large : la mer, calme",
    "Il attend",
]
SPANISH = [
    "Mara corre, mientras la cámara gira a la izquierda",
    "Ella cierra la puerta, luego silencio",
    "Mara sonríe.",
    "Travelling hacia el faro",
    "Panorámica a la derecha",
    "Dice «¿Quién es?» y se da la vuelta",
    "Primer plano, Mara llora",
    "El viento aúlla; la lluvia golpea las ventanas",
    "Mara mira las olas",
    "Plano general: el mar, en calma",
    "Tobias espera",
]
JAPANESE = [
    "マラは走る、カメラは左へパンする",
    "彼女は「誰かいるの？」と聞いて、振り向く",
    "扉が閉まり、そして静寂。",
    "『最後の灯』という看板が揺れる",
    "灯台にゆっくりズームイン",
    "マラが笑う",
    "雨の夜、窓辺に立つマラ。",
    "トビアスは「もう遅い」とつぶやく。",
    "クローズアップ、涙",
    "波の音だけが聞こえる",
    "Maraは海を見る",
]


def optimized(typed: str, step: str = "video") -> str:
    return structure(PromptContext(typed=typed, step=step, cast=(MARA, TOBIAS), place=PLACE, style="flat"))


def test_the_table_has_sixty_prompts_in_five_languages():
    assert len(ENGLISH) + sum(map(len, (GERMAN, FRENCH, SPANISH, JAPANESE))) == 60


@pytest.mark.parametrize(("typed", "stays", "never"), ENGLISH)
def test_what_was_typed_in_english_keeps_its_words_and_gets_no_second_camera_and_no_noise(typed, stays, never):
    text = optimized(typed)
    assert re.search(".*".join(re.escape(piece) for piece in stays.split(" / ")), text), text
    assert never not in text
    assert optimized(text) == text


@pytest.mark.parametrize("step", ["video", "start", "end"])
@pytest.mark.parametrize("typed", [*GERMAN, *FRENCH, *SPANISH, *JAPANESE])
def test_what_was_typed_in_another_language_stays_to_the_word_and_the_mark(typed, step):
    assert optimized(typed, step) == typed
