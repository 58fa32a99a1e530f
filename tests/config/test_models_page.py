"""The page of models: who may see it, what it says, and what its buttons ask for."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.fixtures.checkpoints import checkpoint
from tests.fixtures.pages import words_of
from tests.fixtures.people import signed_in
from videogen.models import CheckpointJob

PAGE = "/admin/models/"
DOWNLOAD, PAUSE = f"{PAGE}ltx/download/", f"{PAGE}ltx/pause/"


@pytest.fixture(autouse=True)
def _nothing_here(settings, libraries, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setattr("config.models_page.wake_sweep", lambda: True)


@pytest.fixture
def manager(alice) -> Client:
    """Alice, who is not of the staff, with the right."""
    alice.user_permissions.add(Permission.objects.get(codename="manage_models"))
    return signed_in(alice)


def test_it_is_for_whoever_has_the_right_and_for_nobody_else(manager, bob, db):
    assert manager.get(PAGE).status_code == 200
    assert Client().get(PAGE).headers["Location"].startswith("/login/?next=/admin/models/")
    staff = User.objects.create_user("staff", password="x", is_staff=True)
    for client in (signed_in(bob), signed_in(staff)):
        answers = [client.get(PAGE), client.get(f"{PAGE}state/"), client.post(DOWNLOAD)]
        assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not CheckpointJob.objects.exists()


def test_who_may_see_it_finds_the_way_there_and_nobody_else_is_sent_to_a_refusal(manager, bob, db):
    # Catches a right that is given to somebody who is not of the staff and never learns of the page.
    staff = User.objects.create_user("staff", password="x", is_staff=True)
    for page in ("/", "/account/"):
        assert f'href="{PAGE}"' in manager.get(page).content.decode(), page
        for client in (signed_in(bob), signed_in(staff)):
            assert f'href="{PAGE}"' not in client.get(page).content.decode(), page
    there = manager.get(PAGE).content.decode()  # and from there not to the console, which is for the staff
    assert 'href="/admin/"' not in there
    assert "have permission to view" not in there


def test_it_tells_what_runs_and_why_and_of_each_checkpoint_size_licence_and_state(manager, settings, tmp_path):
    settings.FLUX_CHECKPOINT = str(checkpoint(tmp_path / "flux", "Flux2KleinPipeline"))
    told = words_of(manager.get(PAGE))
    assert "Animatic is the default. LTX-2.3 cannot run. The files of diffusers/LTX-2.3-Diffusers" in told
    assert "Not here. It takes about 101.0 GB." in told
    assert "Licence: LTX-2 Community License Agreement." in told
    assert "Read from a folder: nothing to download." in told
    assert "are free on the disk of" in told


def test_a_press_asks_for_a_job_which_the_page_follows_until_it_is_over(manager):
    page = manager.post(DOWNLOAD, follow=True)
    assert "Download: waits for the worker of the queue sweep" in words_of(page)
    assert b'hx-get="/admin/models/state/"' in page.content
    job = CheckpointJob.objects.get(field="ltx")
    assert (job.source, job.requested_by.username) == ("diffusers/LTX-2.3-Diffusers", "alice")
    assert job.claim()
    job.beat(25, 100, "0.2 GB of 1.0 GB (25 %), 54.0 MB/s, 18 min left")
    fragment = manager.get(f"{PAGE}state/")
    assert "25 % 0.2 GB of 1.0 GB (25 %), 54.0 MB/s, 18 min left" in words_of(fragment)
    assert "There is a job with these files already." in words_of(manager.post(DOWNLOAD, follow=True))
    assert "Pausing" in words_of(manager.post(PAUSE, follow=True))
    job.end(CheckpointJob.Status.PAUSED)
    page = manager.get(PAGE)
    assert "Paused at 25 %: Download goes on from there." in words_of(page)
    assert b"hx-get" not in page.content
    assert "It is over already." in words_of(manager.post(PAUSE, follow=True))


def test_what_is_no_checkpoint_or_no_action_is_not_found_and_a_link_asks_for_nothing(manager):
    assert manager.post(f"{PAGE}nothing/download/").status_code == 404
    assert manager.post(f"{PAGE}ltx/explode/").status_code == 404
    assert manager.get(DOWNLOAD).status_code == 405


def test_it_costs_the_same_however_many_jobs_there_are(manager, django_assert_num_queries):
    # session, person, their rights twice, and the jobs
    with django_assert_num_queries(5):
        manager.get(PAGE)
    for field in ("ltx", "ltx_distilled", "flux"):
        CheckpointJob.ask(field, "download", "x", None)
    with django_assert_num_queries(5):
        manager.get(PAGE)
