"""Who speaks a line: found by name, made where nobody has it, and forgotten again where it was a slip of the pen."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from scenes.models import Character, Film, Scene
from scenes.wording import read_cue


def named(scene: Scene, cue: str) -> tuple[Character, str]:
    """Find the character of the film with this name, whatever its case, or make one. Returns it and the extension.

    Nobody forgets the character before the transaction ends.
    """
    name, extension = read_cue(cue)
    found = _find(scene.film, cue)
    if found:
        return _kept(found), ""
    return _kept(_find(scene.film, name) or _make(scene.film, name)), extension


def _find(film: Film, name: str) -> Character | None:
    # Compared here: SQLite knows the case of Latin letters only.
    wanted = name.casefold()
    return next((who for who in film.characters.order_by("pk") if who.name.casefold() == wanted), None)


def _make(film: Film, name: str) -> Character:
    Film.objects.select_for_update(no_key=True).get(pk=film.pk)  # two people may write a new name at once
    return _find(film, name) or film.characters.create(name=name, is_typed=True)


def _kept(who: Character) -> Character:
    """Lock the row, as `forget` does; one that was forgotten at this moment is made anew."""
    there = Character.objects.select_for_update(no_key=True).filter(pk=who.pk).first()
    return there or _make(who.film, who.name)


def forget(characters: Iterable[UUID]) -> None:
    """Delete those of the characters that were typed and are left without anything: line, cast, look, voice, picture.

    One that somebody writes a line for at this moment stays.
    """
    with transaction.atomic():
        # The film's row keeps screenplays away; a row that is locked by somebody else is one that is about to be used.
        rows = _left(Character.objects.filter(pk__in=list(characters))).values_list("film_id", "pk")
        for film_id, pk in list(rows):
            free = Film.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=film_id).exists()
            locked = Character.objects.select_for_update(skip_locked=True).filter(pk=pk)
            if free and locked.first():
                _left(Character.objects.filter(pk=pk)).delete()


def left() -> list[UUID]:
    """List the typed characters of all films that are left without anything."""
    return list(_left(Character.objects.all()).values_list("pk", flat=True))


def _left(rows: QuerySet[Character]) -> QuerySet[Character]:
    # `lines` are those of removed blocks as well, which can come back.
    return rows.filter(is_typed=True, lines=None, scenes=None, description="", voice="", portrait="")
