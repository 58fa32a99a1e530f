"""What stands above a scene's script: its title, heading, place and cast, to be changed by whoever may write."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scenes import access, actions
from scenes.headings import place_of
from scenes.models import Scene
from scenes.wording import WritingError
from web.forms.scene import SceneWordsForm
from web.views.panel import Request


@require_http_methods(["GET", "HEAD", "POST"])
@access.scene(access.CHANGE)
def edit_scene(request: Request, scene: Scene) -> HttpResponse:
    """Show the words of a scene to change; a POST saves them."""
    access.grant_film_rights(request.user, scene.film)
    form = SceneWordsForm(scene, request.user, request.POST or None)
    if request.method == "POST" and form.is_valid() and _save(scene, form):
        messages.success(request, _("The scene is saved."))
        return redirect("scene", scene.pk)
    return render(request, "scenes/edit.html", {"scene": scene, "form": form}, status=422 if form.errors else 200)


def _save(scene: Scene, form: SceneWordsForm) -> bool:
    """Save what the form says; False where it was refused, with the reason in the form."""
    said = form.cleaned_data
    try:
        with transaction.atomic():  # a place that was made for a heading goes where the heading is refused
            place = said["location"] or place_of(scene.film, said["heading"])
            words = form.words | {"location_id": place.pk if place else None}
            actions.change_scene(scene, said["version"], words)
    except WritingError as error:
        form.refuse(error)
    except actions.ChangedMeanwhileError as error:
        form.add_error(None, _("Somebody else changed this scene meanwhile. Save again to keep what stands here."))
        form.take_version(error.current)
    return not form.errors
