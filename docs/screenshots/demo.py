"""What the pictures show of the two scenes that the demo brings."""

import re

from docs.screenshots.client import Client

HERO = 3  # the block whose steps are shown, counted from 0; the demo brings clips of the first two
MOVES = {2: "Pan right.", 3: "Push in.", 4: "Tilt up."}
REWORDED = {
    "the last time somebody lights it by hand.": "the last night somebody lights it by hand.\n\n@Mara\nThe very last.",
    "A switch never oversleeps.": "A switch never oversleeps, and it never looks up.",
    "Forty years I lit that lamp": "Forty-one years I lit that lamp",
    "@Wren\nIt had to be": "@Wreen\nIt had to be",
}
GIVEN = [
    {"user": "bob", "rights": ["view_film", "change_film"]},
    {"user": "charlie", "rights": ["view_film", "scene_block:frame:generate", "scene_block:video:generate"]},
]


def film_of(client: Client) -> str:
    """The id of the demo's film."""
    return next(film["id"] for film in client.call("GET", "/films")["items"] if "Gull Rock" in film["title"])


def scene_pages(client: Client) -> dict[str, str]:
    """Frames and clips on the demo's scenes; the paths of the first one and of the steps of one of its clips."""
    scenes = client.call("GET", "/scenes")["items"]
    scene, other = (next(item["id"] for item in scenes if title in item["title"]) for title in ("Last", "Kettle"))
    blocks = client.call("GET", f"/scenes/{scene}")["blocks"]
    for index, move in MOVES.items():
        block = blocks[index]["id"]
        path = f"/scenes/{scene}/blocks/{block}"
        client.make(scene, "frame", {"blockId": block, "role": "start"}, f"{path}/frames/start")
        if index == HERO:
            client.make(scene, "frame", {"blockId": block, "role": "end"}, f"{path}/frames/end")
        client.make(scene, "video", {"blockId": block, "prompt": move}, f"{path}/video")
    block = blocks[5]["id"]
    client.make(scene, "frame", {"blockId": block, "role": "start"}, f"/scenes/{scene}/blocks/{block}/frames/start")
    for block in (found["id"] for found in client.call("GET", f"/scenes/{other}")["blocks"]):
        client.make(other, "frame", {"blockId": block, "role": "start"}, f"/scenes/{other}/blocks/{block}/frames/start")
    clip = f"/scenes/{scene}/blocks/{blocks[HERO]['id']}/clip/"
    return {"scene": f"/scenes/{scene}/"} | {step: f"{clip}{step}/" for step in ("start", "end", "video")}


def film_pages(client: Client, film: str) -> dict[str, str]:
    """The paths of the films, of the demo's film, its cast, one of its locations, and who may do what.

    Two people get rights on the film, and the location its ground line, so that there is something to see.
    """
    location = client.call("GET", f"/films/{film}/locations")[-1]["id"]
    client.call("PATCH", f"/films/{film}/locations/{location}", {"groundLine": 0.93})
    client.call("PUT", f"/films/{film}/people", {"direct": GIVEN})
    return {
        "films": "/",
        "film": f"/films/{film}/",
        "cast": f"/films/{film}/cast/",
        "location": f"/films/{film}/locations/{location}/",
        "people": f"/films/{film}/people/",
    }


def revised(script: str) -> str:
    """The demo's script as a writer might send it a week later: another order, other words, a name misspelt."""
    head, first, second, *rest = re.split(r"(?=^### )", script, flags=re.MULTILINE)
    for old, new in REWORDED.items():
        if old not in first + second:
            raise ValueError(f"The demo's script does not say “{old}” any more.")
        first, second = first.replace(old, new), second.replace(old, new)
    return "\n\n".join([f"{head}{second.strip()}", first.strip(), *(scene.strip() for scene in rest)]) + "\n"
