"""Captions: read in time, at the frames where they are said."""

from tests.fixtures.cuts import cut_of_shots, shot_of
from videogen.exports.subtitles import cues, cues_of, srt, vtt, width, wrapped

LONG = (
    "I have been keeping this light for thirty years and nobody has ever asked me why I do it, not once, not even you."
)


def test_times_are_those_of_the_frames():
    # Catches a caption that is a picture late, and hours that wrap.
    cut = cut_of_shots(shot_of(1, None, 36), shot_of(2, None, 25 * 3600 * 24, words="Later.", is_dialog=True))
    assert srt(cut) == (
        "1\n00:00:00,000 --> 00:00:01,500\nWho is out there?\n\n2\n00:00:01,500 --> 25:00:01,500\nLater.\n"
    )


def test_what_would_read_as_markup_is_shown_as_it_is_written():
    # Catches words that end a cue, or that a player takes for a tag.
    cut = cut_of_shots(shot_of(1, None, 24, words="Left --> right <b>& on"))
    assert vtt(cut) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nLeft --&gt; right &lt;b&gt;&amp; on\n"
    assert "Left → right <b>& on" in srt(cut)


def test_a_long_line_is_shown_in_parts_that_fill_its_time():
    # Catches a caption of six lines, and one that ends before its words are said.
    found = cues_of(shot_of(1, None, 120, words=LONG), start=10)
    assert [len(cue.lines) for cue in found] == [2, 1]
    assert all(width(line) <= 42 for cue in found for line in cue.lines)
    assert " ".join(line for cue in found for line in cue.lines) == LONG
    assert (found[0].start, found[-1].end) == (10, 130)
    assert found[0].end == found[1].start


def test_lines_are_about_equally_long():
    # Catches a last line of one word.
    (cue,) = cues_of(shot_of(1, None, 48, words="The lamp goes out and nobody knows why it did."))
    assert cue.lines == ("The lamp goes out and", "nobody knows why it did.")


def test_a_script_without_spaces_is_broken_between_its_signs():
    # Catches a line of Japanese that leaves the picture on both sides.
    lines = wrapped("灯台の光が消えた夜のことを誰も覚えていないと彼女は言ったが、それは嘘だった。")
    assert all(width(line) <= 42 for line in lines)
    assert "".join(lines).startswith("灯台の光")


def test_an_action_has_no_caption():
    # Catches stage directions under the picture.
    assert list(cues(cut_of_shots(shot_of(1, None, 24, is_dialog=False)))) == []


def test_there_are_never_more_parts_than_frames():
    # Catches a cue without length, which players refuse.
    found = cues_of(shot_of(1, None, 1, words=LONG))
    assert [(cue.start, cue.end) for cue in found] == [(0, 1)]
