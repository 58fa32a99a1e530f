"""Takes that were deleted: out of sight, brought back for 30 days, then gone with their files."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone

from scenes.models import Block
from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_video
from videogen import actions, removal
from videogen.media import storage
from videogen.models import Event, Video
from videogen.worker import reconcile
from videogen.worker.ledger import violations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def takes(action: Block, alice: User, start_frame: Any) -> tuple[Video, Video]:
    """Two takes, of which the second is the clip."""
    return finished_video(action, alice), finished_video(action, alice)


def removed_long_ago(take: Video) -> None:
    long_ago = timezone.now() - removal.KEPT_FOR - timedelta(minutes=1)
    Video.everything.filter(pk=take.pk).update(removed_at=long_ago)


def test_undo_brings_the_clip_back_as_it_was(action, alice, takes):
    # Catches an Undo after which the block has its take but no clip, or a take of another number.
    _first, second = takes
    assert actions.clear_video(action, alice)
    assert not action.videos.current().exists()
    assert list(removal.removed(action.pk)) == [second]
    assert removal.restore(second)
    back = action.videos.current().get()
    assert (back, back.number, back.removed_by) == (second, 2, None)
    assert default_storage.exists(back.file.name)


def test_undo_does_not_take_the_place_of_what_was_chosen_meanwhile(action, alice, takes):
    # Catches a deleted take that comes back over the clip that somebody chose since.
    first, second = takes
    actions.remove_video(second, alice)
    actions.choose_video(first, alice)
    assert removal.restore(second)
    assert action.videos.current().get() == first
    assert action.videos.count() == 2


def test_after_30_days_it_is_gone_with_its_file_and_its_history_says_so(action, alice, takes):
    # Catches a sweep that leaves the files, or one that takes a take before its time.
    first, second = takes
    actions.remove_video(first, alice)
    actions.remove_video(second, alice)
    removed_long_ago(second)
    assert not removal.restore(second)
    assert reconcile.sweep_removed() == 1
    assert list(Video.everything.all()) == [first]
    assert sorted(storage.files_below("videos")) == sorted([first.file.name, first.poster.name])
    assert Event.objects.filter(generation_id=second.pk).last().to_status == "deleted"
    assert not [found for found in violations([first.pk, second.pk]) if found.rule == "accepted_is_kept"]


def test_the_files_of_a_removed_take_have_an_owner(action, alice, takes):
    # Catches the hourly sweep of stray files taking what can still be brought back.
    actions.remove_video(takes[1], alice)
    assert {takes[1].file.name, takes[1].poster.name} <= reconcile._named()


def test_a_removed_take_goes_with_its_block(action, alice, takes):
    # Catches files that stay for ever because the deletion of a block does not see a removed take.
    actions.remove_video(takes[1], alice)
    action.delete()
    assert not Video.everything.exists()
    assert list(storage.files_below("videos")) == []


def test_what_is_being_made_goes_at_once(action, alice, takes):
    # Catches a live job that is hidden instead of being stopped.
    assert not actions.remove_video(queued_video(action, alice), alice)
    assert Video.everything.count() == 2


def test_the_dialog_offers_undo_to_who_may_delete(action, alice, bob, charlie, takes):
    # Catches an Undo that is offered, or works, without the right to delete.
    url = here("clip_restore_take", action, takes[1].pk)
    browser = signed_in(alice)
    page = look(browser.post(here("clip_delete_take", action, takes[1].pk), headers=HTMX))
    assert "Take 2 was deleted" in page.text
    assert url in page.html
    assert url not in look(signed_in(bob).get(here("clip_video", action))).html
    assert signed_in(bob).post(url).status_code == 403
    assert signed_in(charlie).post(url).status_code == 404
    assert "Take 2 is back." in browser.post(url, headers=HTMX)["HX-Trigger-After-Swap"]
    assert browser.post(url).status_code == 404
    assert action.videos.count() == 2
