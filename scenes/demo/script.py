"""What the demo tells: a film of two short scenes at a lighthouse, written for this project, with places and cast."""

from collections.abc import Iterator
from dataclasses import dataclass

from scenes.voices import VoiceKind

FILM = "Gull Rock"
LOGLINE = "The last night a lighthouse is lit by hand, and the light that answers."
STYLE = "Flat layered storybook illustration, soft grain, warm lamplight against a violet evening"

_DUSK = (
    "exterior at dusk: a red and white lighthouse on a dark rock above a calm sea, its lamp just lit, the last sun on "
    "the water, a keeper's cottage beside it, a wooden jetty and a rowing boat below, far hills"
)
_KITCHEN = (
    "interior at night: a small green-panelled kitchen, an iron stove with a fire, red curtains at a window full of "
    "rain, a lamp hanging low over a wooden table with bread and a sea chart, a ginger cat asleep on the rug"
)
LOCATIONS = {"The Lighthouse at Gull Rock": _DUSK, "The Keeper's Kitchen": _KITCHEN}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the cast: how they look and how they sound, in words and as a scratch voice (scenes.voices)."""

    look: str
    voice: str
    kind: VoiceKind
    pitch: int = 0
    pace: int = 100


CHARACTERS = {
    "Mara": Part(
        look="a young lighthouse keeper in a long yellow raincoat and green boots, dark hair blown loose by the wind, "
        "a brass lantern in her hand",
        voice="low, calm, a smile underneath",
        kind=VoiceKind.WOMAN,
        pitch=-2,
        pace=96,
    ),
    "Old Tobias": Part(
        look="an old keeper with a white beard, a navy cap with a gold cord, a blue patterned jumper, brown corduroy "
        "trousers, a pipe gone cold in his hand",
        voice="slow, rough as rope, kind",
        kind=VoiceKind.OLD_MAN,
    ),
    "Wren": Part(
        look="a girl of ten with dark curls in two buns, a wide grin, a long red scarf, blue dungarees, striped socks "
        "and a folded paper boat in her hands",
        voice="bright and quick",
        kind=VoiceKind.CHILD,
        pace=106,
    ),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One scene as written. script: paragraphs, each an action, or a line that begins with its speaker and a colon."""

    title: str
    location: str
    synopsis: str
    script: str

    def blocks(self) -> Iterator[tuple[str, str]]:
        """(name of the speaker or nothing, text) of each paragraph."""
        for paragraph in self.script.strip().split("\n\n"):
            text = " ".join(paragraph.split())
            speaker, colon, line = text.partition(": ")
            yield (speaker, line) if colon and speaker in CHARACTERS else ("", text)


# In the order of the story; the first is the one to be opened first.
PAGES = (
    Page(
        title="The Last Lamp",
        location="The Lighthouse at Gull Rock",
        synopsis="Tomorrow a switch in the town takes over. Tonight three people light the lamp by hand, one last "
        "time, and somebody out at sea notices.",
        script="""
            The sun goes down behind the hills. High on the rock the great lamp wakes, and its beam begins to walk
            across the bay. Below, a rowing boat knocks softly against the jetty.

            Mara comes down the path in her yellow raincoat, lantern in hand. At the end of the jetty Wren folds a
            corner of an old sea chart into a boat.

            Wren: Grandpa says it's the last time somebody lights it by hand.

            Mara: From tomorrow there's a switch in the town. A switch never oversleeps.

            Old Tobias: It never waves, either. Forty years I lit that lamp, and not once did I know if anyone was
            out there. I waved all the same.

            Wren sets the paper boat on the water. The beam passes over it once, twice. Old Tobias lifts his hand to
            the dark. And far out, where there was nothing, a small light blinks back.
        """,
    ),
    Page(
        title="A Kettle for Three",
        location="The Keeper's Kitchen",
        synopsis="Later that night. A chart is missing a corner, and somebody small knows where it went.",
        script="""
            Rain drums on the window. The stove glows, the kettle begins to sing, and the cat does not care.
            Old Tobias unrolls a sea chart on the table. One corner of it is gone, cut away in a very straight line.

            Wren: It had to be a good boat, Grandpa. You can't send just any paper out to sea.
        """,
    ),
)
