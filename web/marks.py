"""Texts before and after a change, with the words that differ marked."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from scenes.screenplay.words import Piece


def old_words(pieces: Iterable[Piece]) -> SafeString:
    """Return the text as it was, with what goes marked as deleted."""
    return _marked("<del>{}</del>", [piece for piece in pieces if piece.kind != "new"])


def new_words(pieces: Iterable[Piece]) -> SafeString:
    """Return the text as it will be, with what comes marked as inserted."""
    return _marked("<ins>{}</ins>", [piece for piece in pieces if piece.kind != "gone"])


def own_words(pieces: Iterable[Piece], other: str) -> SafeString:
    """Return one of two texts of the same worth, with what it alone has marked. other: the kind of piece it lacks."""
    return _marked("<mark>{}</mark>", [piece for piece in pieces if piece.kind != other])


def _marked(mark: str, pieces: Iterable[Piece]) -> SafeString:
    parts = (format_html("{}" if piece.kind == "equal" else mark, piece.text) for piece in pieces)
    return format_html_join("", "{}", ((part,) for part in parts))
