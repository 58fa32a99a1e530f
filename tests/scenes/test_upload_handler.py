"""What arrives of a file that is far too large."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from tests.fixtures.pages import here
from tests.fixtures.people import signed_in
from videogen.models import Frame

MEGABYTE = 2**20


@pytest.fixture
def _one_megabyte(settings) -> None:
    settings.UPLOAD_MAX_BYTES = MEGABYTE


def large(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"x" * (8 * MEGABYTE))


@pytest.mark.usefixtures("_one_megabyte")
def test_no_more_is_kept_of_all_files_of_a_request_than_the_limit_and_a_chunk():
    request = RequestFactory().post("/", {"image": large("one.png"), "other": large("two.png")})
    sizes = [file.size for file in request.FILES.values()]
    request.close()
    assert sizes[0] > MEGABYTE
    assert sum(sizes) <= MEGABYTE + 128 * 1024


@pytest.mark.usefixtures("_one_megabyte")
def test_a_file_that_was_cut_off_is_refused_for_its_size(alice, action):
    response = signed_in(alice).post(here("clip_upload", action, "start"), {"image": large("one.png")})
    assert "at most 1 MB can be taken" in response.content.decode()
    assert "1.1 MB" not in response.content.decode()  # what was kept of it; the file has 8
    assert not Frame.objects.exists()


@pytest.mark.usefixtures("_one_megabyte")
def test_a_form_is_read_on_behind_a_file_that_is_too_large():
    request = RequestFactory().post("/", {"image": large("one.png"), "behind": "still read"})
    assert request.POST["behind"] == "still read"
    request.close()
