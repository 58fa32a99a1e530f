"""HTML that is kept by what it shows, so that what looks the same is drawn once in each process."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from django.conf import settings
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language


class Drawings:
    """The HTML that was asked for last, `most` pieces of it.

    A key is all that the HTML depends on, but for language and prefix of the site, which are added here.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._drawn: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, draw: Callable[[], SafeString]) -> SafeString:
        """Return what was drawn for this key, or draw it now."""
        if settings.DEBUG:
            return draw()  # whoever edits a template wants to see it
        key = (key, get_language(), get_script_prefix())
        with self._lock:
            if found := self._drawn.get(key):
                self._drawn.move_to_end(key)
                return found
        drawn = draw()
        with self._lock:
            self._drawn[key] = drawn
            if len(self._drawn) > self._most:
                self._drawn.popitem(last=False)
        return drawn
