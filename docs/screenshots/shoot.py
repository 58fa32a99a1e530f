"""A third scene and a second film: what is shot in them, what fails, what is said of the takes, what is exported."""

import io
import json
import zipfile
from dataclasses import dataclass
from math import cos, sin
from urllib.parse import urlsplit

from docs.screenshots.client import Client

SCENE = "The Boat That Answered"
SYNOPSIS = "Minutes later. Somebody small has been counting, and nobody wants to go to bed."
SCRIPT = (
    ("", "Wide shot. The beam of Gull Rock walks across an empty bay, and this time somebody is watching for it."),
    ("", "Mara stands at the end of the jetty with her lantern and listens. An oar, somewhere out there."),
    ("Wren", "It blinked. I counted. Three short, one long."),
    ("Old Tobias", "That is no light of ours. That is somebody saying thank you."),
    ("", "Close-up of Mara. She has forgotten the cold, and she is smiling."),
    ("Mara", "Then we had better answer before the switch does."),
    ("", "Old Tobias and Wren walk up the path to the tower, one step of hers for two of his."),
    ("", "Full shot of Wren and Mara. The beam comes round once more, and at night the bay has never been so bright."),
)
# Of which blocks clips are there from the beginning, counted from 0.
CLIPS = {0: "Pan right.", 1: "Push in.", 2: "Orbit.", 4: "Pull out."}
SECOND_TAKE = {"prompt": "Tilt up. Mara lifts the lantern.", "duration": 4, "frameRate": 25}
REWRITTEN = "It blinked back. I counted. Three short, one long, and then nothing."
NOTES = (
    ("The move begins before we have seen the lantern. Hold for half a second.", 6, True),
    ("Better: here she hears it. Keep this moment in the cut.", 31, False),
    ("The horizon drops out of the picture.", 74, False),
)
# A ring and an arrow to it, in parts of the picture.
DRAWING = {
    "strokes": [
        {
            "color": "yellow",
            "points": [[0.32 + 0.055 * cos(turn / 4), 0.23 + 0.11 * sin(turn / 4)] for turn in range(27)],
        },
        {"color": "red", "points": [[0.56, 0.12], [0.5, 0.14], [0.45, 0.17], [0.4, 0.21]]},
        {"color": "red", "points": [[0.44, 0.13], [0.395, 0.21], [0.45, 0.25]]},
    ]
}
DRAWN = 31  # the frame that it is on
OTHER_FILM = {"title": "First Snow", "logline": "A town wakes up, and not one footprint leads out of it."}
OTHER_SCENE = {"title": "The Clearing", "heading": "EXT. FOREST - DAWN"}
OTHER_SCRIPT = (
    "Snow falls on the forest at dawn. Nobody has walked here yet.",
    "A street at night, all its windows lit. Snow begins to fall, and somebody laughs.",
)
HD = {"video": {"duration": 8, "width": 1920, "height": 1080}}


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene that was written here: its film, its id, and the ids of its blocks in order."""

    film: str
    id: str
    blocks: list[str]

    @property
    def path(self) -> str:
        """Of its page, and of it in the API."""
        return f"/scenes/{self.id}"

    def block(self, index: int) -> str:
        """The path of a block, counted from 0."""
        return f"{self.path}/blocks/{self.blocks[index]}"


def write(client: Client, film: str) -> Scene:
    """Write the third scene of the demo's film, at its lighthouse."""
    places, cast = (client.call("GET", f"/films/{film}/{shelf}") for shelf in ("locations", "characters"))
    place = next(found["id"] for found in places if "Lighthouse" in found["name"])
    about = {
        "title": SCENE,
        "synopsis": SYNOPSIS,
        "locationId": place,
        "characterIds": [person["id"] for person in cast],
    }
    return _scene(client, film, about, SCRIPT)


def write_other_film(client: Client) -> Scene:
    """Begin a second film, of one scene, with a clip of each block."""
    film = client.call("POST", "/films", OTHER_FILM)["id"]
    scene = _scene(client, film, OTHER_SCENE, [("", words) for words in OTHER_SCRIPT])
    _wait_for_batch(client, client.batch(scene.path, "frames"))
    _wait_for_batch(client, client.batch(scene.path, "videos", {"video": {"duration": 3}}))
    take = client.call("GET", f"{scene.block(0)}/takes")[0]["id"]
    _note(client, scene, 0, take, "Hold this longer. The snow has only just begun.", 20)
    _say(client, scene, 0, take, review="for_review")
    return scene


def _scene(client: Client, film: str, about: dict, script: list[tuple[str, str]]) -> Scene:
    scene = client.call("POST", f"/films/{film}/scenes", about)["id"]
    blocks: list[str] = []
    for speaker, text in script:
        said = {"kind": "dialog", "speaker": speaker} if speaker else {"kind": "action"}
        after = {"after": blocks[-1]} if blocks else {}
        blocks.append(client.call("POST", f"/scenes/{scene}/blocks", said | after | {"text": text})["id"])
    return Scene(film, scene, blocks)


def _wait_for_batch(client: Client, batch: str) -> dict:
    return client.until(f"/batches/{batch}", lambda state: state["finished"])


def make_frames(client: Client, scene: Scene) -> str:
    """Make the start frames in one press, and take away that of the last block. Returns the batch's id."""
    batch = client.batch(scene.path, "frames")
    _wait_for_batch(client, batch)
    return batch


def make_takes(client: Client, scene: Scene) -> None:
    """Make clips of some blocks and say of them what a director might: approved, for review, retake, out of date."""
    client.call("DELETE", f"{scene.block(7)}/frames/start")
    for index, move in CLIPS.items():
        _make_take(client, scene, index, {"prompt": move, "duration": 3})
    _make_take(client, scene, 1, SECOND_TAKE)
    second, first = (take["id"] for take in client.call("GET", f"{scene.block(1)}/takes"))
    for text, frame, done in NOTES:
        note = _note(client, scene, 1, second, text, frame)
        if done:
            client.call("PATCH", f"{scene.block(1)}/takes/{second}/notes/{note}", {"done": True})
    _say(client, scene, 1, first, review="retake")
    _say(client, scene, 1, second, review="for_review", current=True, starred=True)
    _say(client, scene, 0, client.call("GET", f"{scene.block(0)}/takes")[0]["id"], review="approved")
    _say(client, scene, 4, client.call("GET", f"{scene.block(4)}/takes")[0]["id"], review="for_review")
    written = client.call("GET", scene.path)["blocks"][2]
    client.call("PATCH", scene.block(2), {"text": REWRITTEN, "version": written["version"]})


def _make_take(client: Client, scene: Scene, index: int, settings: dict) -> None:
    client.call("POST", f"{scene.path}/blocks/video", {"blockId": scene.blocks[index]} | settings)
    client.finish(f"{scene.block(index)}/video")


def _note(client: Client, scene: Scene, index: int, take: str, text: str, frame: int) -> int:
    path = f"{scene.block(index)}/takes/{take}/notes"
    note = {"frame": frame, "text": text} | ({"drawing": DRAWING} if frame == DRAWN else {})
    return client.call("POST", path, note)["id"]


def open_to_guests(client: Client, scene: Scene, label: str) -> str:
    """Make a guest link, and return its path."""
    url = urlsplit(client.call("POST", f"{scene.path}/guest-links", {"label": label})["url"])
    return f"{url.path}?{url.query}"


def _say(client: Client, scene: Scene, index: int, take: str, **said: object) -> None:
    client.call("PATCH", f"{scene.block(index)}/takes/{take}", said)


def start_batch(client: Client, scene: Scene) -> str:
    """Start what the scene lacks, let one clip fail, and return the batch's id while the others are being made."""
    batch = client.batch(scene.path, "both", HD)
    # A clip whose start frame is deleted before a worker takes it is a failure that needs no broken machine.
    client.call("DELETE", f"{scene.block(5)}/frames/start")
    client.until(f"/batches/{batch}", lambda state: state["failed"] > 0 and state["running"] > 0)
    frame = {"blockId": scene.blocks[5], "role": "start"}
    client.make(scene.id, "frame", frame, f"{scene.block(5)}/frames/start")
    return batch


def export(client: Client, place: str, **settings: object) -> str:
    """Export a film or scene, and return the export's id once it is there."""
    made = client.call("POST", f"{place}/exports", settings)["id"]
    client.finish(f"/exports/{made}")
    return made


def start_export(client: Client, place: str, **settings: object) -> None:
    """Begin an export, and return once a quarter of it is there."""
    made = client.call("POST", f"{place}/exports", settings)["id"]

    def is_under_way(state: dict) -> bool:
        step, steps = state["progress"]["step"], state["progress"]["steps"]
        return bool(state["finishedAt"]) or step > steps / 4 > 0

    client.until(f"/exports/{made}", is_under_way)


def edited_timeline(client: Client, scene: Scene) -> bytes:
    """The scene's timeline as an editor might send it back: two shots have changed places, one is shorter."""
    made = client.call("GET", f"/exports/{export(client, scene.path, format='otioz')}")
    with zipfile.ZipFile(io.BytesIO(client.read(made["url"]))) as bundle:
        timeline = json.loads(bundle.read("content.otio"))
    pictures = timeline["tracks"]["children"][0]["children"]
    pictures[1], pictures[2] = pictures[2], pictures[1]
    pictures[4]["source_range"]["duration"]["value"] -= 24
    return json.dumps(timeline).encode()
