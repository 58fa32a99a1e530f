"""Attacks by what comes in: pictures, JSON, a full disk, a hub that means ill, an empty database."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from attacks.instance import ROOT, WEB
from attacks.result import Result
from attacks.target import NO_ANSWER, Measured, NotHereError, Target
from tests.fixtures.ports import free_port

MOST_MEGABYTES = 560  # docs/decisions/0035
BOUNDARY = "storyreel-attack"
REFUSED = {413, 422, 429, 503}


def _picture(size: tuple[int, int], form: str, mode: str = "RGB", **options: object) -> bytes:
    data = BytesIO()
    Image.new(mode, size).save(data, form, **options)
    return data.getvalue()


def _frames(target: Target, role: str = "start") -> str:
    """Return the address that frames are uploaded to. Raises NotHereError."""
    if not target.blocks:
        raise NotHereError("no scene is known there")
    return f"/api/scenes/{target.scene}/blocks/{target.blocks[0]}/frames/{role}"


def _upload(target: Target, picture: bytes, measured: Measured) -> bytes:
    """Upload a picture as a frame; return the body of the answer."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    body = head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {**target.bearer(), "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = target.call("PUT", _frames(target), body, headers)
    measured.statuses[answer.status] += 1
    return answer.body


def _upload_at_once(target: Target, picture: bytes, times: int, measured: Measured) -> None:
    with ThreadPoolExecutor(times) as pool:
        list(pool.map(lambda _: _upload(target, picture, measured), range(times)))


def pictures_of_34_bytes(target: Target) -> Result:
    """Upload, ten at once, 34 bytes that hold 40 million pixels."""
    picture = _picture((6324, 6324), "WEBP", lossless=True, method=0)
    _frames(target)
    with target.measured() as measured:
        _upload_at_once(target, picture, 10, measured)
    held = measured.statuses.keys() <= REFUSED and (measured.memory_mb or 0) < 100
    return measured.result("pictures of 34 bytes", held, f"{len(picture)} bytes, 6324 x 6324, ten at once")


def pictures_as_large_as_may_be(target: Target) -> Result:
    """Upload, four at once, the pictures that take the most memory of those that are taken."""
    picture = _picture((6000, 4000), "WEBP", "RGBA", lossless=True, method=0)
    _frames(target)
    with target.measured() as measured:
        _upload_at_once(target, picture, 4, measured)
    held = measured.statuses.keys() <= {201, *REFUSED} and (measured.memory_mb or 0) < MOST_MEGABYTES
    return measured.result("pictures as large as may be", held, f"24 megapixels; {MOST_MEGABYTES} MB are promised")


def narrow_pictures(target: Target) -> Result:
    """Upload pictures that have no width any more when they are reduced."""
    with target.measured() as measured:
        for size in ((64, 175_000), (175_000, 64)):
            _upload(target, _picture(size, "PNG", "1"), measured)
    return measured.result("narrow pictures", measured.statuses.keys() <= {422}, "64 x 175,000")


def photographs_that_grow(target: Target) -> Result:
    """Upload a photograph that is many times its size without loss."""
    data = BytesIO()
    Image.effect_noise((2400, 1600), 60).convert("RGB").save(data, "JPEG", quality=75)
    with target.measured() as measured:
        frame = json.loads(_upload(target, data.getvalue(), measured) or b"{}")
        kept = target.call("GET", frame.get("url") or "/", headers=target.bearer())
    times = len(kept.body) / len(data.getvalue())
    held = kept.status == 200 and times < 4
    return measured.result("photographs that grow", held, f"kept in {times:.1f} times its bytes")


def bodies_of_very_many_things(target: Target) -> Result:
    """Send JSON that costs work for each pair of things in it."""
    bodies = [
        {f"key{n}": 1 for n in range(40_000)},
        {f"k{n}": 1 for n in range(100_000)},
        {"characterIds": list(range(250_000))},
        {"steps": [{}] * 400_000},
    ]
    address = _frames(target).partition("/frames/")[0].rpartition("/")[0] + "/frame"
    known = {"blockId": target.blocks[0], "role": "start", "prompt": "Rain."}
    headers = {**target.bearer(), "Content-Type": "application/json"}
    longest = 0
    with target.measured() as measured:
        for body in bodies:
            answer = target.call("POST", address, json.dumps(known | body).encode(), headers, timeout=30)
            measured.statuses[answer.status] += 1
            longest = max(longest, len(answer.body))
    held = measured.statuses.keys() == {422} and longest < 4000 and measured.seconds < 20
    return measured.result("bodies of very many things", held, f"longest answer {longest} bytes")


@contextmanager
def _beside(target: Target, **environment: str) -> Iterator[Target]:
    """Run a second web server on the same folder, with other settings."""
    port = free_port()
    settings = os.environ | {"VAR_DIR": str(target.var_dir), "PORT": str(port), "LOG_LEVEL": "WARNING"} | environment
    web = subprocess.Popen(
        [sys.executable, *WEB], cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    beside = Target(
        f"http://127.0.0.1:{port}", tokens=target.tokens, pid=web.pid, scene=target.scene, blocks=target.blocks
    )
    try:
        deadline = time.monotonic() + 60
        while beside.call("GET", "/login/", timeout=5).status == NO_ANSWER and time.monotonic() < deadline:
            time.sleep(0.2)
        yield beside
    finally:
        web.terminate()
        web.wait(30)


def uploads_to_a_full_disk(target: Target) -> Result:
    """Upload where less of the disk is free than the reserve, which is set above all that there is."""
    with _beside(target, DISK_RESERVE_MB=str(2**40)) as full, full.measured() as measured:
        body = _upload(full, _picture((320, 192), "PNG"), measured)
    held = measured.statuses.keys() == {507} and b"free space" in body
    return measured.result("uploads to a full disk", held, "a sentence and 507 are promised")


def _manage(target: Target, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = os.environ | {"VAR_DIR": str(target.var_dir)} | environment
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60)


def names_of_a_hostile_hub(target: Target) -> Result:
    """Be a model hub whose listing names files that lie outside of its cache: to write one, and to remove another."""
    from tests.fixtures import hub, hub_server  # noqa: PLC0415  they need the test runner, others need it not

    faults = []
    with target.measured() as measured, tempfile.TemporaryDirectory() as folder:
        precious = Path(folder) / "precious"
        precious.write_text("mine")
        for server in hub_server.running():
            for hostile in ("hash", "path"):
                repository = server.repositories[hub.NAME] = hub_server.Repository()
                path = "transformer/config.json" if hostile == "hash" else f"transformer/{'../' * 6}precious"
                repository.commit(hub.files() | {path: b"{}"})
                repository.hashes |= {path: f"{'../' * 4}evil"} if hostile == "hash" else {}
                home = {"HF_HOME": f"{folder}/home", "HF_ENDPOINT": server.url, "LTX_CHECKPOINT": hub.NAME}
                done = _manage(target, "models", "download", "ltx2.3", **home)
                if "is not installed" in done.stderr:
                    raise NotHereError("the libraries of the extra ltx are not here")
                faults += [] if done.returncode else [f"took a {hostile}"]
        faults += [] if precious.exists() else ["removed a file"]
        faults += ["wrote a file"] if list(Path(folder).rglob("evil*")) else []
    return measured.result("names of a hostile hub", not faults, "; ".join(faults) or "refused both")


_POLYGLOT = """
from io import BytesIO
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from scenes.models import Film, Location
data = BytesIO(); Image.new("RGB", (320, 192)).save(data, "PNG")
file = SimpleUploadedFile("<b>.png", data.getvalue() + b"<script>alert(1)</script>")
browser = Client(SERVER_NAME="127.0.0.1")
operator = User.objects.get(username="operator")
browser.force_login(operator, "django.contrib.auth.backends.ModelBackend")
sent = {"film": Film.objects.first().pk, "name": "attacked", "image": file}
answer = browser.post("/admin/scenes/location/add/", sent)
image = Location.objects.get(name="attacked").image
print(answer.status_code, image.name, b"script" in image.read())
Location.objects.filter(name="attacked").delete()
"""


def pictures_with_code_behind_them(target: Target) -> Result:
    """Give a location a picture with a page of code behind it, and a name that is markup."""
    with target.measured() as measured:
        status, name, has_code = target.manage("shell", "--verbosity", "0", "-c", _POLYGLOT).split()[-3:]
        measured.statuses[int(status)] += 1
    held = has_code == "False" and "<" not in name
    return measured.result("pictures with code behind them", held, f"stored as {name}")


def an_empty_database(target: Target) -> Result:
    """Sweep the files of the instance with a database that has no rows."""
    media = target.var_dir / "media"
    with target.measured() as measured, tempfile.TemporaryDirectory() as folder:
        for path in media.rglob("*"):
            os.utime(path, (1, 1))
        target.manage("reconcile", "--any-share")
        before = _count(media)
        empty = {"DATABASE_URL": f"sqlite:///{folder}/empty.sqlite3"}
        _manage(target, "migrate", "--verbosity", "0", **empty)
        done = _manage(target, "reconcile", **empty)
        after = _count(media)
    held = after == before and done.returncode != 0 and before > 0
    return measured.result("an empty database", held, f"{after} of {before} files left")


def _count(media: Path) -> int:
    return sum(path.is_file() for folder in media.iterdir() if folder.name != "trash" for path in folder.rglob("*"))


ATTACKS: tuple[Callable[[Target], Result], ...] = (
    pictures_of_34_bytes,
    pictures_as_large_as_may_be,
    narrow_pictures,
    photographs_that_grow,
    bodies_of_very_many_things,
    uploads_to_a_full_disk,
    names_of_a_hostile_hub,
    pictures_with_code_behind_them,
    an_empty_database,
)
