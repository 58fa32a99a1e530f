"""Writing Fountain and Final Draft: what is written is read as the same."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenes.screenplay import fdx, fountain, normal
from scenes.screenplay.document import BlockText, Note, SceneText, Screenplay, Section
from scenes.screenplay.fdx_writer import to_fdx
from scenes.screenplay.fountain_writer import to_fountain

# what a format gives a meaning to, beside letters of several alphabets
PIECES = st.sampled_from(
    [
        *"abIÉж太 .!@~><#=^*_\\()[]:/-\n\t",
        *(
            "MARTA",
            "INT. ",
            "EXT. HOUSE - DAY",
            "CUT TO:",
            "FADE OUT.",
            "[[",
            "]]",
            "/*",
            "*/",
            "  ",
            "\n\n",
            "\n \n",
            "(low)",
        ),
        *(
            "**",
            "***",
            "#1#",
            "===",
            "### ",
            "= ",
            "> ",
            " <",
            "Title: ",
            "Иван",
            "ИНТ. ",
            "(V.O.)",
            " ^",
            "\r\n",
            "\x00",
            "\x85",
            "\u2028",
        ),
    ]
)
TEXT = st.lists(PIECES, max_size=8).map("".join)
NAMES = st.one_of(st.sampled_from(["MARTA", "Jonas", "МАРИЯ", "太郎"]), TEXT)
DIALOG = st.builds(
    BlockText,
    st.just("dialog"),
    TEXT,
    NAMES,
    st.lists(st.sampled_from(["V.O.", "O.S.", "CONT'D", "on *the* phone", "x^"]), max_size=2).map(tuple),
    st.one_of(st.just(""), TEXT),
    st.booleans(),
)
ACTION = st.builds(BlockText, st.just("action"), TEXT)
SCENES = st.builds(
    SceneText,
    heading=st.one_of(st.just("INT. HOUSE - DAY"), TEXT),
    number=st.sampled_from(["", "1", "12A", "a b#"]),
    title=st.one_of(st.just(""), TEXT),
    synopsis=st.one_of(st.just(""), TEXT),
    sections=st.lists(st.builds(Section, st.integers(0, 5), TEXT), max_size=2).map(tuple),
    notes=st.lists(st.builds(Note, TEXT, st.integers(-1, 5)), max_size=2).map(tuple),
    blocks=st.lists(st.one_of(DIALOG, ACTION), max_size=4).map(tuple),
)
KEYS = st.one_of(st.sampled_from(["Title", "Credit", "Author", "Contact", "Draft date"]), TEXT)
SCREENPLAYS = st.builds(
    Screenplay, st.lists(SCENES, max_size=4).map(tuple), st.lists(st.tuples(KEYS, TEXT), max_size=3).map(tuple)
).filter(lambda screenplay: normal.form(screenplay).scenes)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCREENPLAYS)
def test_what_is_written_is_read_as_the_same(screenplay):
    # Catches every text that one of the formats would give another meaning, or lose a part of.
    form = normal.form(screenplay)
    assert normal.form(form) == form
    assert fountain.read(to_fountain(screenplay)).screenplay == form
    assert fdx.read(to_fdx(screenplay)).screenplay == form
