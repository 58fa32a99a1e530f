"""The console's deletion of a row, refused in a sentence where something that would go with it has to stay."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.db import router
from django.http import HttpRequest


class KeptAdmin(admin.ModelAdmin[Any]):
    """Rows that are deleted with all that hangs on them, unless the page of one of those has a reason against it."""

    def why_kept(self, row: Any) -> str:
        """Return the sentence that says why a row of this page must not be deleted now; empty where it may."""
        return ""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], Any]:
        """Add the reasons to what Django has against it: with one of them nothing is deleted."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return shown, counts, lacking, [*self._reasons(objs), *protected]

    def _reasons(self, objs: Iterable[Any]) -> Iterator[str]:
        collector = NestedObjects(using=router.db_for_write(self.model))
        collector.collect(list(objs))
        for model, rows in collector.data.items():
            page = self.admin_site.get_model_admin(model) if self.admin_site.is_registered(model) else None
            if isinstance(page, KeptAdmin):
                yield from filter(None, map(page.why_kept, rows))
