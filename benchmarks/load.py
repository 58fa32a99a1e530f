"""Twenty people at once, then two hundred open pages and four hundred short jobs beside them: one release or two.

    python -m benchmarks.load --seconds 20 --against ../storyreel-before

Prints for each kind of request how long it took, what a request cost the web processes of processor time, and what web
and workers hold of memory and open files. `--against` names a checkout of another release: both run on the same machine
in turn (A B B A), so ratios count even where something else runs beside. Ends with status 1 where a request was
answered with 5xx or a job was lost. Threads of the standard library and not locust: a user of locust is a greenlet of a
process in which everything is patched, and two releases, their workers and their memory would stand beside it anyway.
"""

import argparse
import http.client
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.load_side import Held, Side

ROOT = Path(__file__).resolve().parent.parent
RATE = 28.0  # requests a second of all people together
WARM_SECONDS = 5.0
POLL_SECONDS = 2.0  # an open page asks for a block that is being made
# What people do, in hundredths.
MIX = {"scene page": 12, "dialog": 32, "poll": 54, "upload": 2}
JOB = {"width": 128, "height": 96, "steps": 1}
STEPS = ("start", "end", "video")


class Measured:
    """What the requests of one release took, by kind, in milliseconds."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.bad: list[str] = []

    def note(self, kind: str, status: int, seconds: float) -> None:
        """Note one answer; status 0 is none at all."""
        self.took[kind].append(1000 * seconds)
        if not 200 <= status < 500:
            self.bad.append(f"{kind}: {status}")

    @property
    def count(self) -> int:
        """How many requests there were."""
        return sum(map(len, self.took.values()))


class Caller:
    """A connection that is kept, as a browser keeps one."""

    def __init__(self, side: Side, measured: Measured) -> None:
        self._side, self._measured = side, measured
        self._connection = http.client.HTTPConnection("127.0.0.1", side.port, timeout=60)

    def call(self, kind: str, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Ask, note how long it took, and return status and body."""
        began = time.perf_counter()
        status, data = 0, b""
        for last in (False, True):  # a kept connection may have been closed meanwhile
            try:
                self._connection.request(method, path, body, headers)
                response = self._connection.getresponse()
                status, data = response.status, response.read()
                break
            except (OSError, http.client.HTTPException):
                self._connection.close()
                if last:
                    break
        self._measured.note(kind, status, time.perf_counter() - began)
        return status, data

    def see(self, kind: str, path: str) -> None:
        """Ask for a page or fragment as somebody signed in."""
        self.call(kind, "GET", path, **{"Cookie": self._side.cookie, "HX-Request": "true"})

    def send(self, kind: str, method: str, path: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Send something as a program."""
        token = {"Authorization": f"Bearer {self._side.token}", "Content-Type": content_type}
        return self.call(kind, method, path, body, **token)

    def close(self) -> None:
        self._connection.close()


def _picture() -> bytes:
    file = BytesIO()
    Image.effect_noise((160, 88), 60).resize((1280, 704)).convert("RGB").save(file, "JPEG")
    head = b'--cut\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    return head + file.getvalue() + b"\r\n--cut--\r\n"


PICTURE = _picture()


def person(side: Side, measured: Measured, until: float, seed: int, people: int) -> None:
    """Do what a person does until the time is over, at a pace of their own."""
    chance = random.Random(seed)
    there = side.scenes["people"]
    scene = f"/scenes/{there['scene']}/"
    with closing(Caller(side, measured)) as caller:
        while time.monotonic() < until:
            time.sleep(chance.uniform(0.5, 1.5) * people / RATE)
            kind = chance.choices(list(MIX), list(MIX.values()))[0]
            block = chance.choice(there["blocks"])
            clip, step = f"{scene}blocks/{block}/clip/", chance.choice(STEPS)
            if kind == "scene page":
                caller.see(kind, scene)
            elif kind == "dialog":
                caller.see(kind, f"{clip}{step}/panel/")
            elif kind == "poll":
                caller.see(kind, f"{clip}{step}/card/?seen=")
            else:
                path = f"/api/scenes/{there['scene']}/blocks/{block}/frames/start"
                caller.send(kind, "PUT", path, PICTURE, "multipart/form-data; boundary=cut")


def page(side: Side, measured: Measured, until: float, seed: int) -> None:
    """Poll a block as an open page does."""
    there = side.scenes["jobs"]
    path = f"/scenes/{there['scene']}/blocks/{there['blocks'][seed % len(there['blocks'])]}/state/?live"
    time.sleep(random.Random(seed).uniform(0, POLL_SECONDS))
    with closing(Caller(side, measured)) as caller:
        while time.monotonic() < until:
            began = time.monotonic()
            caller.see("open page polls", path)
            time.sleep(max(0.0, began + POLL_SECONDS - time.monotonic()))


def jobs(side: Side, measured: Measured, accepted: list[str]) -> None:
    """Have a frame and then a clip made of each block."""
    there = side.scenes["jobs"]
    with closing(Caller(side, measured)) as caller:
        for kind, more in (("frame", {"role": "start"}), ("video", {"duration": 1})):
            for block in there["blocks"]:
                if kind == "video":
                    _wait_for_frame(caller, there["scene"], block)
                body = json.dumps({"blockId": block, "prompt": "Rain.", **JOB, **more}).encode()
                path = f"/api/scenes/{there['scene']}/blocks/{kind}"
                status, data = caller.send("job", "POST", path, body, "application/json")
                if status != 202:
                    raise RuntimeError(f"A job was answered with {status}: {data[:200]!r}")
                accepted.append(json.loads(data)["id"])


def _wait_for_frame(caller: Caller, scene: str, block: str) -> None:
    path = f"/api/scenes/{scene}/blocks/{block}/frames/start?wait=25"
    for _ in range(40):
        _, data = caller.send("waiting", "GET", path, b"", "application/json")
        if json.loads(data)["status"] not in ("queued", "running"):
            return
    raise TimeoutError("A frame was not made in 1000 seconds.")


def load(side: Side, measured: Measured, seconds: float, people: int, pages: int) -> None:
    """Load one side with people, and with open pages."""
    until = time.monotonic() + seconds
    tasks = [(person, (side, measured, until, at, people)) for at in range(people)]
    tasks += [(page, (side, measured, until, at)) for at in range(pages)]
    threads = [threading.Thread(target=task, args=arguments) for task, arguments in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Report:
    """The lines of one release."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.people, self.crowd = Measured(), Measured()
        self.web_seconds = 0.0
        self.held: list[tuple[str, Held, Held]] = []
        self.look("before")
        load(side, Measured(), WARM_SECONDS, 5, 0)  # each process compiles its templates once

    def look(self, when: str) -> None:
        """Note what web and workers hold now."""
        self.held.append((when, self.side.held([self.side.web]), self.side.held(self.side.workers)))

    def few(self, seconds: float, people: int) -> None:
        """Measure people alone."""
        before = self.side.held([self.side.web]).seconds
        load(self.side, self.people, seconds, people, 0)
        self.web_seconds += self.side.held([self.side.web]).seconds - before
        self.look("after people")

    def many(self, seconds: float, people: int, pages: int) -> bool:
        """Measure people, open pages and jobs. Returns whether every job is what it should be."""
        accepted: list[str] = []
        submitting = threading.Thread(target=jobs, args=(self.side, self.crowd, accepted))
        submitting.start()
        load(self.side, self.crowd, seconds, people, pages)
        submitting.join()
        self.look("after pages and jobs")
        return self._nothing_lost(accepted)

    def _nothing_lost(self, accepted: list[str]) -> bool:
        live = "from videogen.models import Video; print(Video.objects.live().count())"
        for _ in range(600):
            if self.side.manage("shell", "-v", "0", "-c", live).strip() == "0":
                break
            time.sleep(5)
        with tempfile.NamedTemporaryFile("w") as ids:
            ids.write("\n".join(accepted))
            ids.flush()
            print(
                f"{self.side.name}: {self.side.manage('check_nothing_lost', '--settled', '--accepted', ids.name)}",
                end="",
            )
        return len(accepted) == 2 * len(self.side.scenes["jobs"]["blocks"])

    def show(self) -> None:
        """Print the table."""
        print(f"\n{self.side.name}: {1000 * self.web_seconds / self.people.count:.1f} ms of processor time a request")
        print(f"{'':44}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}")
        for title, measured in (("people alone", self.people), ("with pages and jobs", self.crowd)):
            for kind, took in sorted(measured.took.items()):
                if len(took) > 1 and kind != "waiting":
                    p95 = statistics.quantiles(took, n=20)[-1]
                    print(f"{f'{title}: {kind}':44}{len(took):9}{statistics.median(took):9.0f}{p95:9.0f}")
        print(f"{'':28}{'web MB':>8}{'files':>7}{'workers MB':>12}{'files':>7}")
        for when, web, workers in self.held:
            print(f"{when:28}{web.megabytes:8.0f}{web.files:7}{workers.megabytes:12.0f}{workers.files:7}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120, help="of each of the two loads")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=400)
    parser.add_argument("--against", type=Path, help="a checkout of another release")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storyreel-load-") as folder, ExitStack() as stack:
        roots = {"before": given.against.resolve()} if given.against else {}
        roots["now"] = ROOT
        reports = [
            Report(Side(name, root, Path(folder) / name, given.jobs // 2, stack)) for name, root in roots.items()
        ]
        for report in (*reports, *reversed(reports)):
            report.few(given.seconds / 2, given.people)
        whole = [report.many(given.seconds, given.people, given.pages) for report in reports]
        for report in reports:
            report.show()
    bad = [f"{report.side.name}: {words}" for report in reports for words in (*report.people.bad, *report.crowd.bad)]
    print("\n".join([f"\n{len(bad)} answers with 5xx or none", *sorted(set(bad))]))
    return 0 if all(whole) and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
