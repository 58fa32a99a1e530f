"""What rights are held on, as the pages name it: a film, a scene or a block, with the addresses of its people."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from scenes.models import Film, Scene
from scenes.sharing import Target
from web.addresses import address


@dataclass(frozen=True, slots=True)
class Place:
    """A film, a scene or a block."""

    target: Target

    @property
    def kind(self) -> str:
        """film, scene or block."""
        return "film" if isinstance(self.target, Film) else "scene" if isinstance(self.target, Scene) else "block"

    @property
    def scene(self) -> Scene | None:
        """The scene that it is, or is in."""
        if isinstance(self.target, Film):
            return None
        return self.target if isinstance(self.target, Scene) else self.target.scene

    @property
    def film(self) -> Film:
        """The film that it is, or is in."""
        return self.target if isinstance(self.target, Film) else self.scene.film  # type: ignore[union-attr]

    @property
    def title(self) -> str:
        """What a person calls it."""
        if isinstance(self.target, Film | Scene):
            return self.target.title
        return _("block %(number)d of %(scene)s") % {"number": self.target.number, "scene": self.target.scene.title}

    def _address(self, route: str) -> str:
        ids = [self.target.pk] if self.kind != "block" else [self.scene.pk, self.target.pk]  # type: ignore[union-attr]
        return address(f"{self.kind}_{route}", *ids)

    @property
    def page_url(self) -> str:
        """The page of a film or scene itself."""
        return address(self.kind, self.target.pk)

    @property
    def exports_url(self) -> str:
        """The page of what can be taken home; of a film or scene only."""
        return self._address("exports")

    @property
    def timeline_url(self) -> str:
        """Where a timeline is brought back; of a film or scene only."""
        return self._address("timeline")

    def applied_timeline_url(self, timeline_id: UUID) -> str:
        """The page that says that a timeline was applied; of a film or scene only."""
        return address(f"{self.kind}_timeline_applied", self.target.pk, timeline_id)

    def undo_timeline_url(self, timeline_id: UUID) -> str:
        """Where a POST undoes a timeline; of a film or scene only."""
        return address(f"undo_{self.kind}_timeline", self.target.pk, timeline_id)

    @property
    def people_url(self) -> str:
        """The page of who may do what."""
        return self._address("people")

    @property
    def panel_url(self) -> str:
        """The inside of that page, as a fragment."""
        return self._address("people_panel")

    @property
    def search_url(self) -> str:
        """People and groups by name, as a fragment."""
        return self._address("people_search")

    @property
    def add_url(self) -> str:
        """Where a POST gives a preset."""
        return self._address("people_add")

    @property
    def change_url(self) -> str:
        """Where a POST gives or takes one right, or takes all."""
        return self._address("people_change")

    @property
    def guest_links_url(self) -> str:
        """Where a POST makes a guest link; of a scene only."""
        return self._address("guest_links")

    @property
    def ask_url(self) -> str:
        """Where a POST asks for a right."""
        return self._address("people_ask")
