"""Decode pictures within a stated memory: one at a time in all web processes together (docs/decisions/0035)."""

import fcntl
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

from django.conf import settings
from PIL import Image

from scenes import memory
from scenes.uploads import PictureError

PATIENCE = 20.0  # seconds
LOOK_SECONDS = 0.02  # between two looks whether another process has ended its turn
MOST_WAITING = 8  # uploads; threads that wait for a turn answer nobody else

LARGE = 4_000_000  # pixels from which on memory is given back after a turn: it takes 0.15 s

_ORIENTATION = 0x0112  # the tag of EXIF
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = [_TURNS[number] for number in (5, 6, 7, 8)]

_turn = threading.Lock()
_waiting = threading.BoundedSemaphore(MOST_WAITING)
_was_large = threading.Event()  # a picture since memory was given back last


class BusyError(PictureError):
    """Too many pictures are being read at this moment."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Too many pictures are being read at this moment. Try again in a moment.", "busy")


@contextmanager
def turn(*, patient: bool = False) -> Iterator[None]:
    """Wait for the turn to hold a large picture in memory; for a short while, and behind a few others only.

    patient: behind any number of others, for what is made once. Raises BusyError.
    """
    if patient:
        with _next():
            yield
        return
    if not _waiting.acquire(blocking=False):
        raise BusyError
    try:
        with _next():
            yield
    finally:
        _waiting.release()


@contextmanager
def _next() -> Iterator[None]:
    until = time.monotonic() + PATIENCE
    if not _turn.acquire(timeout=PATIENCE):
        raise BusyError
    try:
        with _alone_on_machine(until):
            try:
                yield
            finally:
                _give_memory_back()
    finally:
        _turn.release()


@contextmanager
def _alone_on_machine(until: float) -> Iterator[None]:
    """Hold the lock of all web processes; the kernel drops it with one that dies. Raises BusyError.

    Where no file can be kept, each process takes turns of its own: uploads are refused there anyway.
    """
    with ExitStack() as held:
        with suppress(OSError):
            folder = settings.VAR_DIR / "run"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = held.enter_context((folder / "decoding").open("a"))
            while not _locks(lock):
                if time.monotonic() > until:
                    raise BusyError
                time.sleep(LOOK_SECONDS)
        yield


def _locks(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _give_memory_back() -> None:
    """Return to the system what the picture took: threads that took turns would each keep what they had freed."""
    if not _was_large.is_set():
        return
    _was_large.clear()
    gc.collect()
    memory.trim()


def decode(picture: Image.Image, box: tuple[int, int], *, keep_transparency: bool = False) -> Image.Image:
    """Return an opened picture upright, reduced into a box of pixels, as RGB; RGBA where transparency is to be kept.

    The box is of the upright picture; the opened one is used up. Nothing large is there twice for longer than one step:
    a JPEG is decoded in small, colours are converted before pixels are moved, and what is turned is small already.
    Raises what Pillow raises for a damaged file.
    """
    if picture.width * picture.height > LARGE:
        _was_large.set()
    turned = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    inside = (box[1], box[0]) if turned in _ON_ITS_SIDE else box
    mode = "RGBA" if keep_transparency and picture.has_transparency_data else "RGB"
    picture.draft("RGB", inside)
    if picture.mode not in (mode, "L") or "transparency" in picture.info:
        picture = picture.convert(mode)
    picture.thumbnail(inside, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small = picture.convert(mode)
    small.info.clear()  # what a camera or an editor wrote about it
    return small if turned is None else small.transpose(turned)
