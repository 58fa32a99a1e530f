"""What the service costs: the same small clip by a bare diffusers script, and through HTTP, queue, worker and file.

    python -m benchmarks.service_overhead --clips 30

Makes a small LTX-2.3 checkpoint, starts the real programs on an empty installation (Redis, web server, worker) and a
process that holds the stock pipeline, and lets both make the same clips in turn: a new prompt and seed for each pair,
whoever begins alternating. Both have their model loaded and write the file with the same encoder settings. Prints the
median and the 95th percentile of both and of the difference, and whether the pictures are the same byte for byte.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from local.programs import end
from local.redis_server import RedisServer
from tests.fixtures.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
LIMIT_MS = 150  # what the service may add, median
CLIP = {"duration": 1, "frameRate": 24, "width": 192, "height": 128, "steps": 4, "guidanceScale": 3.0}
RENDERED_FRAMES = 25
NEGATIVE = "blurry"


def picture() -> Image.Image:
    """The start frame, at the size of the clip."""
    y, x = np.mgrid[0 : CLIP["height"], 0 : CLIP["width"]]
    return Image.fromarray(np.stack([x + 32, 2 * y, (x + y) // 2], axis=-1).astype(np.uint8))


# --- The bare script, in a process of its own: a line of JSON asks for a clip, a line answers with the seconds --------


def bare(checkpoint: str) -> None:
    """Load the stock pipeline and make what is asked for."""
    import torch
    from diffusers import LTX2ConditionPipeline
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    from videogen.media.mp4 import write_mp4
    from videogen.pipelines.base import Rendering, Sound
    from videogen.pipelines.ltx2.guidance import Guidance, stg_blocks

    pipe = LTX2ConditionPipeline.from_pretrained(checkpoint, dtype=torch.float32, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)
    start, rate = picture(), pipe.vocoder.config.output_sampling_rate
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        began = time.perf_counter()
        video, audio = pipe(
            conditions=[LTX2VideoCondition(start, 0)],
            prompt=asked["prompt"],
            negative_prompt=NEGATIVE,
            width=CLIP["width"],
            height=CLIP["height"],
            num_frames=RENDERED_FRAMES,
            frame_rate=float(CLIP["frameRate"]),
            num_inference_steps=CLIP["steps"],
            **Guidance.for_scale(CLIP["guidanceScale"]).arguments(),
            spatio_temporal_guidance_blocks=stg_blocks(len(pipe.transformer.transformer_blocks)),
            generator=torch.Generator("cpu").manual_seed(asked["seed"]),
            output_type="np",
            return_dict=False,
        )
        frames = (video[0][: CLIP["frameRate"]] * 255).round().astype(np.uint8)
        sound = Sound(audio[0].float().cpu().numpy().T[: rate * CLIP["duration"]].copy(), rate)
        size = {"width": CLIP["width"], "height": CLIP["height"], "frame_rate": CLIP["frameRate"]}
        write_mp4(Path(asked["path"]), Rendering(iter(frames), sound), **size, frames=len(frames))
        print(time.perf_counter() - began, flush=True)


class Bare:
    """The process of the bare script."""

    def __init__(self, checkpoint: Path, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "benchmarks.service_overhead", "--bare", str(checkpoint)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The bare script ended.")
        return line

    def make(self, prompt: str, seed: int, path: Path) -> float:
        """Seconds from asking to the finished file."""
        assert self.process.stdin is not None
        began = time.perf_counter()
        self.process.stdin.write(json.dumps({"prompt": prompt, "seed": seed, "path": str(path)}) + "\n")
        self.process.stdin.flush()
        self._line()
        return time.perf_counter() - began


# --- The service ------------------------------------------------------------------------------------------------------


class Service:
    """The programs of an installation, and one block to make clips of."""

    def __init__(self, folder: Path, checkpoint: Path, stack: ExitStack) -> None:
        redis = RedisServer(folder)
        redis.start()
        stack.callback(end, [redis], 5)
        redis.wait_until_it_answers()
        self.port = free_port()
        self.environment = os.environ | {
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "REDIS_URL": redis.url,
            "LOG_LEVEL": "WARNING",
            "VIDEO_MODEL": "ltx2.3",
            "LTX_CHECKPOINT": str(checkpoint),
            "QUOTA_DEVICE_SECONDS": "0",
            # Both sides: tensors this small are not worth a second thread, and threads that wait for one another spin.
            "OMP_NUM_THREADS": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        self._manage("migrate", "--verbosity", "0")
        self._manage("collectstatic", "--no-input", "--verbosity", "0")
        demo = json.loads(self._manage("demo", "--json"))
        self.token = self._manage("apitoken", "alice").strip()
        self.block = demo["blocks"][0]
        self.blocks = f"/api/scenes/{demo['scene']}/blocks"
        stack.enter_context(self._program("gunicorn", "--config", "python:config.gunicorn", "config.wsgi"))
        worker = ("celery", "--quiet", "-A", "config", "worker", "-Q", "videos", "-c", "1", "-O", "fair")
        stack.enter_context(self._program(*worker, "-n", "videos@%h", "-l", "WARNING"))
        self._wait_until_up()
        self._upload(picture())

    def _manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    @contextmanager
    def _program(self, *words: str) -> Iterator[None]:
        process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=self.environment)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def _wait_until_up(self) -> None:
        for _ in range(300):
            try:
                if json.loads(self._call("GET", "/healthz"))["workers"]["queues"]["videos"]:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        raise TimeoutError("The service did not come up.")

    def _call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"} | headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if response.status >= 400 and path != "/healthz":
            raise RuntimeError(f"{method} {path}: {response.status} {data[:300]!r}")
        return data

    def _upload(self, image: Image.Image) -> None:
        file = BytesIO()
        image.save(file, "PNG")
        head = b'--cut\r\nContent-Disposition: form-data; name="image"; filename="start.png"\r\n\r\n'
        body = head + file.getvalue() + b"\r\n--cut--\r\n"
        url = f"{self.blocks}/{self.block}/frames/start"
        self._call("PUT", url, body, **{"Content-Type": "multipart/form-data; boundary=cut"})

    def make(self, prompt: str, seed: int, path: Path) -> float:
        """Seconds from asking to the last byte of the clip."""
        asked = CLIP | {"blockId": self.block, "prompt": prompt, "negativePrompt": NEGATIVE, "seed": seed}
        began = time.perf_counter()
        body = json.dumps(asked).encode()
        self._call("POST", f"{self.blocks}/video", body, **{"Content-Type": "application/json"})
        while True:
            video: dict[str, Any] = json.loads(self._call("GET", f"{self.blocks}/{self.block}/video?wait=25"))
            if video["status"] not in ("queued", "running"):
                break
        if video["status"] != "succeeded":
            raise RuntimeError(f"The clip {video['status']}: {video}")
        path.write_bytes(self._call("GET", video["url"]))
        return time.perf_counter() - began


# --- Both -------------------------------------------------------------------------------------------------------------


def pixels(path: Path) -> list[str]:
    """A hash of each decoded picture of a clip."""
    with av.open(str(path)) as container:
        return [sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)]


def alike(number: int, bare: list[str], service: list[str]) -> bool:
    """Whether both clips show the same; says which pictures do not."""
    wrong = [at for at, (one, other) in enumerate(zip(bare, service, strict=True)) if one != other]
    if wrong:
        print(f"clip {number}: the pictures {wrong} are not the same")
    return not wrong


def row(words: str, seconds: list[float]) -> str:
    """One line of the table, in milliseconds."""
    ordered = sorted(1000 * second for second in seconds)
    p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    return f"{words:<34} {statistics.median(ordered):>10.0f} {p95:>10.0f}"


def compare(folder: Path, clips: int) -> bool:
    """Run both in turn and print the table. Returns whether the limit is kept."""
    from tests.fixtures import small_ltx

    checkpoint = small_ltx.save(folder / "checkpoint")
    took: dict[str, list[float]] = {"bare": [], "service": []}
    same = 0
    with ExitStack() as stack:
        service = Service(folder / "var", checkpoint, stack)
        script = Bare(checkpoint, service.environment)
        stack.callback(script.process.terminate)
        sides = {"bare": script.make, "service": service.make}
        for number in range(-2, clips):  # the first two of each load the models and are not counted
            paths = {name: folder / f"{name}.mp4" for name in sides}
            for name in list(sides) if number % 2 else list(sides)[::-1]:
                seconds = sides[name](f"Take {number + 3}: a fox runs through tall grass.", number + 3, paths[name])
                if number >= 0:
                    took[name].append(seconds)
            if number >= 0:
                same += alike(number, pixels(paths["bare"]), pixels(paths["service"]))
    more = [service - bare for service, bare in zip(took["service"], took["bare"], strict=True)]
    print(f"{clips} clips each, {CLIP['width']} x {CLIP['height']}, {CLIP['steps']} steps, on {os.cpu_count()} cores")
    print(f"{'milliseconds':<34} {'median':>10} {'p95':>10}")
    print(row("bare diffusers script", took["bare"]))
    print(row("HTTP, queue, worker and file", took["service"]))
    print(row("the service adds", more))
    print(f"pictures byte for byte the same: {same} of {clips} clips")
    return 1000 * statistics.median(more) < LIMIT_MS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=30)
    parser.add_argument("--bare", metavar="CHECKPOINT", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.bare:
        bare(given.bare)
        return
    with tempfile.TemporaryDirectory(prefix="storyreel-overhead-") as folder:
        kept = compare(Path(folder), given.clips)
    print(f"the limit of {LIMIT_MS} ms is {'kept' if kept else 'not kept'}")


if __name__ == "__main__":
    main()
