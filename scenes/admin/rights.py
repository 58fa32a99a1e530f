"""The console's pages of who may do what with a film, a scene or a block, and the log of every grant."""

from functools import partial
from typing import Any, cast

from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from guardian.admin import (
    AdminGroupObjectPermissionsForm,
    AdminUserObjectPermissionsForm,
    ReinforcedGuardedModelAdmin,
    UserManage,
)
from guardian.forms import BaseObjectPermissionsForm

from scenes.access import NAMES, grantable
from scenes.admin.kept import KeptAdmin
from scenes.holders import holders
from scenes.models import Block, Film, Scene
from scenes.sharing import record


class ChooseUser(UserManage):
    """Whose rights to edit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].label = _("Person")
        self.fields["user"].help_text = _("The name they sign in with.")


class _RightsForm(BaseObjectPermissionsForm):
    """Offer the rights that the site asks for, none that only Django's admin knows, and log what is given and taken."""

    def __init__(self, holder: User | Group, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.holder, self.request = holder, request
        super().__init__(*(holder, *args), **kwargs)

    @property
    def _target(self) -> Film | Scene | Block:
        return cast("Film | Scene | Block", self.obj)

    def get_obj_perms_field_choices(self) -> list[tuple[str, str]]:
        return [(codename, f"{NAMES[right]} ({codename})") for codename, right in grantable(self._target).items()]

    @transaction.atomic
    def save_obj_perms(self) -> None:
        before, after = set(self.get_obj_perms_field_initial()), set(self.cleaned_data["permissions"])
        super().save_obj_perms()
        offered = grantable(self._target).items()
        record(
            self._target,
            self.holder,
            cast("User", self.request.user),
            gave={right for codename, right in offered if codename in after - before},
            took={right for codename, right in offered if codename in before - after},
        )


class UserRightsForm(_RightsForm, AdminUserObjectPermissionsForm):
    """The rights of one person on one film, scene or block."""


class GroupRightsForm(_RightsForm, AdminGroupObjectPermissionsForm):
    """The rights of one group on one film, scene or block."""


class RightsAdmin(KeptAdmin, ReinforcedGuardedModelAdmin):  # type: ignore[misc]  # guardian types a template otherwise
    """A page of a film, scene or block, with one more page: who may do what.

    Staff who may edit scripts cannot give themselves more: granting needs guardian's own permissions. The way there is
    in the template `admin/guardian/model/change_form.html`, which stands before guardian's.
    """

    def may_grant(self, request: HttpRequest) -> bool:
        """Whether the person may give and take rights."""
        needed = ("guardian.change_userobjectpermission", "guardian.change_groupobjectpermission")
        return request.user.has_perms(needed)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, with the way to the rights for those who may grant them."""
        context = {"may_grant": self.may_grant(request), **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def obj_perms_manage_view(self, request: HttpRequest, object_pk: str) -> HttpResponse:
        """Show who may do what. Raises Http404 for junk in the address, as the two below."""
        self._must_exist(request, object_pk)
        return cast("HttpResponse", super().obj_perms_manage_view(request, object_pk))

    def obj_perms_manage_user_view(self, request: HttpRequest, object_pk: str, user_id: str) -> HttpResponse:
        """Edit the rights of a person."""
        self._must_exist(request, object_pk, user_id)
        return cast("HttpResponse", super().obj_perms_manage_user_view(request, object_pk, user_id))

    def obj_perms_manage_group_view(self, request: HttpRequest, object_pk: str, group_id: str) -> HttpResponse:
        """Edit the rights of a group."""
        self._must_exist(request, object_pk, group_id)
        return cast("HttpResponse", super().obj_perms_manage_group_view(request, object_pk, group_id))

    def _must_exist(self, request: HttpRequest, object_pk: str, holder: str = "0") -> None:
        # guardian looks both up as they come, and what is no number at all would be an error.
        if self.get_object(request, unquote(object_pk)) is None or not holder.isdecimal():
            raise Http404("There is no such row or person.")

    def get_obj_perms_base_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Add everybody's effective rights."""
        context = super().get_obj_perms_base_context(request, obj)
        return {**context, "title": _("Who may do what"), "rights": NAMES.values(), "holders": holders(obj)}

    def get_obj_perms_manage_template(self) -> str:
        return "admin/scenes/rights.html"

    def get_obj_perms_user_select_form(self, request: HttpRequest) -> type[ChooseUser]:
        return ChooseUser

    def get_obj_perms_manage_user_form(self, request: HttpRequest) -> Any:
        return partial(UserRightsForm, request=request)

    def get_obj_perms_manage_group_form(self, request: HttpRequest) -> Any:
        return partial(GroupRightsForm, request=request)
