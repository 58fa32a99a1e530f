"""The operator's console: lists, filters, and the three things an operator does with a row."""

import html
import uuid

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from guardian.shortcuts import assign_perm

from scenes.access import missing
from scenes.models import DELETE_VIDEO, GENERATE_FRAME, GENERATE_VIDEO, Revision, RightRequest
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame, queued_video, running_video
from tests.fixtures.scene import picture_file
from videogen import actions, batches, review
from videogen.models import (
    BroughtTimeline,
    Delivery,
    Event,
    Export,
    Frame,
    Review,
    ReviewEvent,
    Status,
    Video,
    Worker,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def operator(db) -> Client:
    return signed_in(User.objects.create_superuser("operator", password="operator's password"))


def act(operator: Client, model: str, action: str, *rows, **more) -> str:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    response = operator.post(reverse(f"admin:videogen_{model}_changelist"), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_every_list_and_every_row_can_be_looked_at(operator, action, dialog, alice, start_frame):
    take = finished_video(action, alice)
    running_video(action, alice).fail("out_of_memory", {"asked": "320x192, 1 s"})
    queued_frame(dialog, alice)
    Worker.objects.create(name="videos@here", queues=["videos"], started_at=timezone.now(), seen_at=timezone.now())
    for model in ("frame", "video", "worker", "event", "batch", "delivery", "reviewevent"):
        assert operator.get(reverse(f"admin:videogen_{model}_changelist")).status_code == 200
    page = operator.get(reverse("admin:videogen_video_changelist")).content.decode()
    assert "The device ran out of memory at 320x192, 1 s." in page
    assert reverse("clip_poster", args=[action.scene_id, action.pk, take.pk]) in page
    assert operator.get(reverse("admin:videogen_video_add")).status_code == 403


def test_the_page_of_a_clip_shows_it_its_frames_settings_and_history(operator, action, alice, start_frame):
    take = finished_video(action, alice, prompt="Pan left.", seed=77)
    page = operator.get(reverse("admin:videogen_video_change", args=[take.pk])).content.decode()
    place = [action.scene_id, action.pk]
    for address in (reverse("clip_file", args=[*place, take.pk]), reverse("clip_poster", args=[*place, take.pk])):
        assert f'"{address}"' in page
        assert b"".join(operator.get(address))
    assert f'src="{reverse("frame_thumbnail", args=[*place, start_frame.pk])}"' in page
    assert reverse("admin:scenes_block_permissions", args=[action.pk]) in page
    assert "<td>Pan left.</td>" in page
    assert "<td>77</td>" in page
    assert [part for part in ("queued</strong>", "running</strong>", "succeeded</strong>") if part not in page] == []
    frame = operator.get(reverse("admin:videogen_frame_change", args=[start_frame.pk])).content.decode()
    assert f'src="{reverse("frame_picture", args=[*place, start_frame.pk])}"' in frame


def test_search_finds_the_words_of_a_prompt(operator, contexts, action, dialog, alice, start_frame):
    found = queued_frame(action, alice, prompt="A heron on the jetty.")
    queued_frame(dialog, alice, prompt="A gull.")
    response = operator.get(reverse("admin:videogen_frame_changelist"), {"q": "heron"})
    assert list(response.context["cl"].queryset) == [found]


@pytest.mark.parametrize(
    "query",
    [
        "created_at__year=99999999999",
        "created_at__year=0",
        "created_at__year=2026&created_at__month=13",
        "created_at__year=2026&created_at__month=2&created_at__day=30",
        "created_at__year=x",
        "model=%00",
        "q=%00",
        "p=99999999999999999999",
        "o=99999999999999999999",
        "block__scene__id__exact=junk",
    ],
)
def test_junk_in_the_address_of_a_list_is_no_error(operator, action, alice, query):
    queued_frame(action, alice)
    assert operator.get(f"{reverse('admin:videogen_frame_changelist')}?{query}", follow=True).status_code == 200


def test_the_list_costs_the_same_for_one_row_and_for_many(
    operator, action, alice, start_frame, django_assert_num_queries
):
    url = reverse("admin:videogen_video_changelist")
    finished_video(action, alice)
    operator.get(url)
    with django_assert_num_queries(11):
        operator.get(url)
    for _ in range(5):
        finished_video(action, alice)
    with django_assert_num_queries(11):
        operator.get(url)


def test_the_queue_is_listed_in_the_order_it_will_be_served(
    operator, contexts, action, dialog, alice, bob, start_frame
):
    running_video(action, alice)  # so Alice's next one comes after Bob's, though she asked first
    hers = queued_frame(action, alice)
    his = queued_frame(dialog, bob)
    hers_running = queued_frame(dialog, alice, role="end")
    assert hers_running.claim("worker-1")
    response = operator.get(reverse("admin:videogen_frame_changelist"), {"queue": "waiting"})
    assert list(response.context["cl"].queryset) == [his, hers]


def test_retry_queues_a_new_row_and_leaves_the_old_one_as_history(operator, action, alice, start_frame):
    video = running_video(action, alice, prompt="Pan left.", seed=9)
    video.fail("internal")
    assert "1 was queued again." in act(operator, "video", "retry", video)
    again = Video.objects.live().get()
    assert again.pk != video.pk
    assert again.spec == video.spec
    assert again.requested_by.username == "operator"
    video.refresh_from_db()
    assert video.status == Status.FAILED


def test_retry_leaves_finished_and_running_rows_alone_and_says_why_one_cannot_be_queued(
    operator, action, alice, start_frame
):
    done = finished_video(action, alice)
    assert "0 were queued again." in act(operator, "video", "retry", done)
    failed = running_video(action, alice)
    failed.fail("internal")
    queued_video(action, alice)
    assert "being made already" in act(operator, "video", "retry", failed)
    assert Video.objects.live().count() == 1


def test_retry_by_staff_without_the_right_is_refused_for_that_row_and_the_others_go_on(
    scene, action, dialog, alice, bob, charlie, start_frame
):
    actions.upload_frame(dialog, "start", picture_file(), alice)
    mine, other = running_video(action, alice), running_video(dialog, alice)
    for video in (mine, other):
        video.fail("internal")
    assign_perm(GENERATE_VIDEO, bob, action)
    for person in (bob, charlie):
        person.is_staff = True
        person.save()
        for codename in ("view_video", "change_video"):
            assign_perm(f"videogen.{codename}", person)
    said = act(signed_in(bob), "video", "retry", mine, other)
    assert f"The Last Lamp, 2: {missing(GENERATE_VIDEO)}" in html.unescape(said)
    assert "The Last Lamp, 1:" not in said
    assert "1 was queued again." in said
    assert [(row.block, row.requested_by) for row in Video.objects.live()] == [(action, bob)]
    unseen = act(signed_in(charlie), "video", "retry", other)
    assert "The Last Lamp, 2: This scene was not shared with you." in unseen
    assert "0 were queued again." in unseen
    assert Video.objects.live().count() == 1


def test_a_cancelled_frame_can_be_queued_again(operator, action, alice):
    frame = queued_frame(action, alice)
    frame.cancel(alice)
    act(operator, "frame", "retry", frame)
    assert Frame.objects.live().get().read_spec() == frame.read_spec()


def test_stop_ends_what_waits_and_asks_what_runs(operator, action, alice, start_frame):
    queued, running = queued_frame(action, alice), running_video(action, alice)
    assert "1 was stopped." in act(operator, "frame", "stop", queued)
    act(operator, "video", "stop", running)
    queued.refresh_from_db()
    running.refresh_from_db()
    assert (queued.status, running.is_stopping) == (Status.CANCELLED, True)
    assert Event.objects.filter(generation_id=queued.pk, actor__username="operator").exists()


@pytest.mark.parametrize("way", ["list", "page"])
def test_deleting_takes_the_files_too(operator, action, alice, start_frame, django_capture_on_commit_callbacks, way):
    take = finished_video(action, alice)
    with django_capture_on_commit_callbacks(execute=True):
        if way == "list":
            act(operator, "video", "delete_selected", take, post="yes")
        else:
            operator.post(reverse("admin:videogen_video_delete", args=[take.pk]), {"post": "yes"})
    assert not Video.objects.exists()
    assert not default_storage.exists(take.file.name)
    assert not default_storage.exists(take.poster.name)
    assert default_storage.exists(start_frame.file.name)
    assert Event.objects.filter(generation_id=take.pk, to_status="deleted", actor__username="operator").exists()


def test_history_can_be_neither_changed_nor_deleted(operator, action, alice):
    queued_frame(action, alice)
    said = ReviewEvent.objects.create(
        take_id=action.pk, block_id=action.pk, number=1, was="none", review="approved", locked=True, actor_name="alice"
    )
    assert "alice" in operator.get(reverse("admin:videogen_reviewevent_change", args=[said.pk])).content.decode()
    for kind, row in (("event", Event.objects.get()), ("reviewevent", said)):
        change, delete = (reverse(f"admin:videogen_{kind}_{way}", args=[row.pk]) for way in ("change", "delete"))
        assert operator.post(change, {"note": "x", "review": "none"}).status_code == 403
        assert operator.post(delete, {"post": "yes"}).status_code == 403


def test_a_worker_that_went_silent_is_shown_as_not_alive(operator):
    old = timezone.now() - 2 * Worker.SILENCE
    Worker.objects.create(name="gone@here", queues=["videos", "frames"], loaded="Animatic", started_at=old, seen_at=old)
    page = operator.get(reverse("admin:videogen_worker_changelist")).content.decode()
    assert 'alt="False"' in page
    assert "videos, frames" in page
    assert "Animatic" in page


def test_the_console_is_for_staff(alice):
    assert signed_in(alice).get(reverse("admin:videogen_video_changelist")).status_code == 302


def test_a_batch_is_looked_at_and_stopped(operator, scene, action, alice):
    # Catches a console that cannot stop what somebody started by mistake.
    batch = batches.start(scene, alice, what="both", only="missing")
    page = operator.get(reverse("admin:videogen_batch_change", args=[batch.pk])).content.decode()
    assert "0 of 2, 0 failed" in page
    assert "2 jobs were stopped." in act(operator, "batch", "stop", batch)
    assert set(Frame.objects.values_list("status", flat=True)) == {Status.CANCELLED}


def test_what_the_webhook_did_not_take_is_read_and_sent_again(operator, settings):
    # Catches a message that was given up and can only be sent again from a shell.
    settings.WEBHOOK_URL = "http://127.0.0.1:9/"
    Delivery.note("video.failed", "2026-01-01T00:00:00Z", {"id": "x"})
    Delivery.objects.update(attempts=11, given_up_at=timezone.now(), error="The receiver answered with HTTP 500.")
    row = Delivery.objects.get()
    assert "HTTP 500" in operator.get(reverse("admin:videogen_delivery_changelist")).content.decode()
    assert "video.failed" in operator.get(reverse("admin:videogen_delivery_change", args=[row.pk])).content.decode()
    assert "1 message is sent again." in act(operator, "delivery", "send_again", row)
    row.refresh_from_db()
    assert (row.attempts, row.given_up_at) == (0, None)


@pytest.mark.parametrize("of", ["video", "block", "scene", "film"])
def test_what_holds_a_locked_take_is_not_deleted_and_the_page_says_why(
    operator, action, dialog, alice, start_frame, of
):
    # Catches "your account doesn't have permission", to an operator who has every permission, and a take that goes.
    take = finished_video(action, alice)
    review.change(take, review.Change(review=Review.APPROVED), alice)
    app, row = {
        "video": ("videogen", take),
        "block": ("scenes", action),
        "scene": ("scenes", action.scene),
        "film": ("scenes", action.scene.film),
    }[of]
    sentence = "The Last Lamp, 1: Take 1 was approved by alice and is locked. Take the approval back first."
    page = operator.post(reverse(f"admin:{app}_{of}_delete", args=[row.pk]), {"post": "yes"}).content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    listed = operator.post(reverse(f"admin:{app}_{of}_changelist"), chosen).content.decode()
    for told in (page, listed):
        assert sentence in told
        assert "permission" not in told
    assert Video.objects.filter(pk=take.pk).exists()
    assert operator.post(reverse("admin:scenes_block_delete", args=[dialog.pk]), {"post": "yes"}).status_code == 302


# --- Who did this, when, why did it fail, what now: for each kind of row ------------------------------------------


@pytest.fixture
def brought(scene, action, alice, bob) -> dict[str, object]:
    """One row of each kind that the program writes beside frames and clips, by the name of its list."""
    film = scene.film
    rewrite = actions.queue_rewrite(action, "video", "A heron on the jetty.", alice)
    assert rewrite.claim("prompts@here")
    rewrite.fail("llm_unreachable", {})
    rewrite.refresh_from_db()
    return {
        "videogen_promptrewrite": rewrite,
        "videogen_broughttimeline": BroughtTimeline.objects.create(
            film=film, person=alice, file_name="cut_v2.otio", before={"a": "kept apart"}, after={}
        ),
        "scenes_revision": Revision.objects.create(film=film, person=alice, file_name="draft.fountain", data=b"INT."),
        "scenes_rightrequest": RightRequest.objects.create(film=film, person=bob, right=GENERATE_VIDEO),
    }


def test_what_was_brought_asked_for_and_rewritten_is_listed_and_only_read(operator, brought):
    # Catches a kind of row of which the operator cannot say who made it, when, or why it came to nothing.
    told = {
        "videogen_promptrewrite": ["A heron on the jetty.", brought["videogen_promptrewrite"].error, "prompts@here"],
        "videogen_broughttimeline": ["cut_v2.otio", "alice"],
        "scenes_revision": ["draft.fountain", "alice"],
        "scenes_rightrequest": ["bob", "make videos", "open"],
    }
    for name, row in brought.items():
        page = reverse(f"admin:{name}_change", args=[row.pk])
        shown = html.unescape(operator.get(page).content.decode())
        assert [words for words in told[name] if words not in shown] == []
        assert operator.get(reverse(f"admin:{name}_add")).status_code == 403
        assert operator.post(page, {}).status_code == 403
        assert operator.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("videogen_promptrewrite", 11),
        ("videogen_broughttimeline", 8),
        ("scenes_revision", 8),
        ("scenes_rightrequest", 9),
    ],
)
def test_a_list_of_what_was_brought_costs_the_same_for_one_row_and_for_many(
    operator, brought, bob, django_assert_num_queries, name, queries
):
    # Catches a column that asks the database once for each row.
    url = reverse(f"admin:{name}_changelist")
    operator.get(url)
    with django_assert_num_queries(queries):
        operator.get(url)
    row = brought[name]
    for right in (GENERATE_FRAME, DELETE_VIDEO):
        row.pk, row._state.adding = None if name == "scenes_rightrequest" else uuid.uuid4(), True
        if name == "scenes_rightrequest":
            row.right = right
        row.save()
    with django_assert_num_queries(queries):
        operator.get(url)


def test_a_rewrite_that_waits_is_stopped(operator, action, alice):
    # Catches a queue of prompts that only a shell can empty.
    rewrite = actions.queue_rewrite(action, "video", "A heron on the jetty.", alice)
    assert "1 was stopped." in act(operator, "promptrewrite", "stop", rewrite)
    rewrite.refresh_from_db()
    assert rewrite.status == Status.CANCELLED


@pytest.mark.parametrize("of", ["film", "scene", "block"])
def test_what_has_a_history_is_deleted_with_it(operator, scene, action, alice, brought, of):
    # Catches "your account doesn't have permission to delete: batch", to an operator who has every permission.
    batches.cancel(batches.start(scene, alice, what="frames", only="missing"), alice)
    row = {"film": scene.film, "scene": scene, "block": action}[of]
    deleted = operator.post(reverse(f"admin:scenes_{of}_delete", args=[row.pk]), {"post": "yes"})
    assert deleted.status_code == 302
    assert not type(row)._default_manager.filter(pk=row.pk).exists()


def test_the_page_of_an_export_says_who_when_why_and_how_it_went(operator, scene, alice):
    # Catches "clip_missing" instead of the sentence, and an export without its hour and history.
    export = Export.objects.create(film=scene.film, title="The Last Lamp", model="mp4", requested_by=alice)
    export.record_creation()
    assert export.claim("exports@here")
    export.fail("disk_full", {})
    page = html.unescape(operator.get(reverse("admin:videogen_export_change", args=[export.pk])).content.decode())
    assert [part for part in ("Created at:", export.error, "failed</strong>", "by alice") if part not in page] == []


def test_an_event_leads_to_its_row_and_a_batch_to_its_jobs(operator, scene, action, alice):
    # Catches an id to be copied into the address by hand, and "2 failed" that does not say which.
    batch = batches.start(scene, alice, what="frames", only="missing")
    frame = Frame.objects.first()
    row = reverse("admin:videogen_frame_change", args=[frame.pk])
    assert f'href="{row}"' in operator.get(reverse("admin:videogen_event_changelist")).content.decode()
    jobs = f"{reverse('admin:videogen_frame_changelist')}?batch__id__exact={batch.pk}"
    assert f'href="{jobs}"' in operator.get(reverse("admin:videogen_batch_change", args=[batch.pk])).content.decode()
    assert str(frame.pk) in operator.get(jobs).content.decode()


def test_messages_that_were_given_up_are_found_among_many(operator, contexts, settings):
    # Catches a list of thousands in which what needs the operator is found by scrolling.
    settings.WEBHOOK_URL = "http://127.0.0.1:9/"
    for number in range(2):
        Delivery.note("video.failed", "2026-01-01T00:00:00Z", {"id": str(number)})
    lost = Delivery.objects.first()
    Delivery.objects.filter(pk=lost.pk).update(given_up_at=timezone.now())
    response = operator.get(reverse("admin:videogen_delivery_changelist"), {"given_up_at__isempty": "0"})
    assert list(response.context["cl"].queryset) == [lost]
