"""What may take the place of what a person typed, and what may not."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videogen.errors import SENTENCES, GenerationError, sentence
from videogen.prompts import languages, speech, trust
from videogen.prompts.context import Person, PromptContext
from videogen.specs import PROMPT_LENGTH

MARA = Person("Mara", "a young keeper in a yellow raincoat", "low")
LINE = "Who is out there?"


def context(typed: str = "she opens the door, wind", **facts) -> PromptContext:
    return PromptContext(typed=typed, step="video", **facts)


def verdict(answer: str, typed: str = "she opens the door, wind", **facts) -> str:
    with pytest.raises(GenerationError) as refused:
        trust.check(answer, context(typed, **facts))
    return refused.value.code


@pytest.mark.parametrize(
    "wrapped",
    [
        "The keeper opens the door.",
        '"The keeper opens the door."',
        "“The keeper opens the door.”",
        "```\nThe keeper opens the door.\n```",
        "```text\nThe keeper opens the door.```",
        "Here is the rewritten prompt:\n\nThe keeper opens the door.",
        "<think>She wants a door.\nSo: door.</think>\n\nThe keeper opens the door.",
        "The keeper\n\n   opens the door.  ",
    ],
)
def test_what_models_put_around_a_prompt_is_taken_off(wrapped):
    assert trust.check(wrapped, context()) == "The keeper opens the door."


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, I can’t help.",
        "I cannot create this content.",
        "As an AI language model, I do not make films.",
        "Sorry, I won't do this.",
        "Es tut mir leid, das geht nicht.",
    ],
)
def test_a_refusal_is_not_a_prompt(refusal):
    assert verdict(refusal) == "rewrite_refused"


def test_a_line_that_sounds_like_a_refusal_is_a_line():
    typed = "She says \"I'm sorry, I can't help you\" and leaves"
    answer = "Static camera. The keeper shakes her head and says, \"I'm sorry, I can't help you\". She leaves."
    assert trust.check(answer, context(typed)) == answer


@pytest.mark.parametrize(
    "loop",
    [
        "The door opens. The door opens. The door opens.",
        "She walks and walks and walks and walks and walks and walks away.",
        "slowly " * 8,
        "The keeper turns to the sea and waits, " * 6,
    ],
)
def test_a_loop_is_not_a_prompt(loop):
    assert verdict(loop) == "rewrite_repeats"


def test_a_line_that_repeats_itself_is_no_loop():
    typed = "She shouts “No no no no no no no no!” and runs"
    answer = "Handheld camera. The keeper shouts: “No no no no no no no no!” Then she runs along the jetty."
    assert trust.check(answer, context(typed)) == answer


def test_twice_the_same_phrase_is_no_loop():
    answer = "The beam passes over the water once, twice. The beam passes over the water and then over the rock."
    assert trust.check(answer, context()) == answer


@pytest.mark.parametrize(
    "markup",
    [
        "<b>The keeper</b> opens the door.",
        "The keeper opens the door. <img src=x onerror=alert(1)>",
        "The keeper <script",
        "**Camera:** slow push in.",
        "# Prompt\nThe keeper opens the door.",
        "The keeper opens the door:\n- wind\n- rain",
        "1. The keeper opens the door.\n2. Wind.",
        "See [this](http://example.org).",
        "Look at https://example.org now.",
        "The keeper &lt;opens&gt; the door.",
        '{"prompt": "The keeper opens the door."}',
        "The keeper opens\x00 the door.",
        "The keeper opens\x1b[31m the door.",
    ],
)
def test_markup_is_not_a_prompt(markup):
    assert verdict(markup) == "rewrite_markup"


def test_a_text_over_the_limit_is_named_with_the_limit():
    words = " ".join(f"word{number}" for number in range(PROMPT_LENGTH // 6))
    assert verdict(words) == "rewrite_too_long"


@pytest.mark.parametrize(
    "answer",
    [
        f"Slow push in. The keeper lifts her lamp and asks in a low voice: “{LINE}”",
        f'Slow push in. The keeper asks, "{LINE}" and waits.',
        "Slow push in. The keeper asks: “who is out there”.",
    ],
)
def test_a_line_kept_word_for_word_is_kept_whatever_its_marks(answer):
    assert trust.check(answer, context(f'push in, she asks "{LINE}"')) == answer


@pytest.mark.parametrize(
    "answer",
    [
        "Slow push in. The keeper asks who is out there.",
        "Slow push in. The keeper asks: “Who is there?”",
        "Slow push in. The keeper asks: “Who,” she breathes, “is out there?”",
        "Slow push in. Who is out there? The keeper listens.",
    ],
)
def test_a_line_changed_unquoted_or_cut_in_two_is_lost(answer):
    assert verdict(answer, f'push in, she asks "{LINE}"') == "rewrite_lost_line"


def test_the_blocks_own_line_counts_where_it_was_typed_without_marks():
    facts = {"line": LINE, "speaker": MARA}
    assert context("she says who is out there? and listens", **facts).spoken == (LINE,)
    assert context("she listens", **facts).spoken == ()


def test_words_of_the_script_may_be_quoted_and_others_may_not():
    facts = {"action": "A sign says GALE WARNING."}
    assert trust.check("Pan left to the sign “Gale warning”.", context("she reads the sign", **facts))
    assert verdict("Pan left to the sign “Turn back”.", "she reads the sign", **facts) == "rewrite_new_line"


@pytest.mark.parametrize(
    ("typed", "answer", "same"),
    [
        ("she opens the door and the wind is in her hair", "The keeper opens the door, and the wind comes in.", True),
        ("sie öffnet die Tür und der Wind weht", "Die Wärterin öffnet die Tür, und der Wind weht herein.", True),
        ("sie öffnet die Tür und der Wind weht", "The keeper opens the door and the wind is in her hair.", False),
        ("ella abre la puerta con el viento y la lluvia", "She opens the door and the wind is in her hair.", False),
        ("elle ouvre la porte dans le vent", "The keeper opens the door and the wind is in her hair.", False),
        ("она открывает дверь и смотрит на море", "The keeper opens the door and looks at the sea.", False),
        ("彼女はドアを開ける", "The keeper opens the door and looks at the sea.", False),
        ("她打开门", "管理员慢慢打开门,风吹动她的头发。", True),
        ("door, wind", "The keeper opens the door, and the wind is in her hair.", True),
        ("push in", "Lenta carrellata", True),
    ],
)
def test_only_what_is_clearly_another_language_is_one(typed, answer, same):
    assert languages.differ(typed, answer) is not same


def test_what_is_said_may_be_in_any_language():
    typed = "She says “Ich weiß es nicht, und du weißt es auch nicht” and looks at the sea with a smile"
    answer = "Push in. The keeper says: “Ich weiß es nicht, und du weißt es auch nicht”. She smiles at the sea."
    assert trust.check(answer, context(typed)) == answer


@given(st.text(max_size=6000), st.text(min_size=1, max_size=300))
def test_whatever_comes_back_is_refused_with_a_sentence_or_obeys_the_limits(answer, typed):
    asked = context(typed, line=LINE, speaker=MARA)
    try:
        text = trust.check(answer, asked)
    except GenerationError:  # whose codes all begin with rewrite_ and have a sentence: the test below
        return
    assert 0 < len(text) <= PROMPT_LENGTH
    assert text == text.strip()
    assert "\n" not in text
    assert not any(char in text for char in "\x00\x1b\x7f")
    said = [speech.words(line) for line in speech.quoted(text)]
    assert all(any(speech.holds(quote, speech.words(line)) for quote in said) for line in asked.spoken)


def test_every_reason_is_a_sentence_that_says_the_text_is_unchanged():
    codes = [code for code in SENTENCES if code.startswith(("rewrite_", "llm_", "optimizer_"))]
    assert len(codes) == 16
    assert all("Your text is unchanged" in sentence(code, {"reason": "", "line": "x"}) for code in codes)


_PIECES = st.sampled_from(
    ["<b>", "</script>", "<script>", "alert(1)", "the keeper", "“Who is out there?”", "opens the door", ". ", ", ",
     '"', "**", "[a](http://b)", "javascript:x", "&amp;", "&#60;", "\n- ", "I'm sorry", "<", ">", "<!--", "no "]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map(" ".join))
def test_nothing_with_a_tag_an_entity_or_a_link_is_trusted(answer):
    try:
        text = trust.check(answer, context("she asks “Who is out there?”"))
    except GenerationError:
        return
    assert "<b>" not in text
    assert "script>" not in text
    assert "http://" not in text
    assert "javascript:x" not in text
    assert "&#60;" not in text


@pytest.mark.parametrize(
    "answer",
    [
        "[" * 250_000,
        "![](" * 60_000,
        "<a" * 120_000,
        "“" * 250_000,
        '"' * 249_999,
        "a" * 250_000,
        "a. " * 80_000,
        "The keeper. " * 20_000,
        "\n" * 249_000 + "The keeper opens the door.",
        "The keeper" + " \n" * 120_000 + "opens the door.",
        "<think>" * 35_000,
        "```" + "\n`" * 120_000,
    ],
    ids=lambda answer: ascii(answer[:10]),
)
def test_the_length_is_looked_at_before_anything_that_takes_long(answer):
    for words in ("", "The keeper opens the door. "):
        begun = time.thread_time()
        with contextlib.suppress(GenerationError):
            trust.check(words + answer, context())
        assert time.thread_time() - begun < 0.5


def test_an_answer_that_is_too_long_is_called_so_whatever_else_it_is():
    assert verdict("<b>[" * 60_000) == "rewrite_too_long"


def test_thoughts_and_blank_space_are_not_part_of_the_length():
    wordy = f"<think>{'She wants a door. ' * 500}</think>{' ' * PROMPT_LENGTH}\n\nThe keeper opens the door."
    assert trust.check(wordy, context()) == "The keeper opens the door."


HIDDEN = "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0041"


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_bidi_and_zero_width_characters_are_removed(hidden):
    assert trust.check(f"The kee{hidden}per opens the {hidden}door.{hidden}", context()) == "The keeper opens the door."


def test_what_zero_width_characters_hide_is_seen():
    assert verdict("I'm so\u200brry, but I can't help.") == "rewrite_refused"
    assert verdict("<scr\u200bipt>alert(1)</script> The keeper opens the door.") == "rewrite_markup"
    assert verdict("<\u202escript>alert(1)") == "rewrite_markup"


def test_joiners_that_the_person_wrote_stay():
    typed = "می\u200cرود: «نمی\u200cشود»"  # Persian, where the joiner tells how letters meet
    assert trust.check(typed, context(typed)) == typed
    assert trust.check("👩\u200d🚒 opens the door.", context("👩\u200d🚒 opens it")) == "👩\u200d🚒 opens the door."
