"""The list of workers: who is on it, and how they stay there."""

from django.utils import timezone

from videogen import workers
from videogen.models import Worker

ENTRY = {"queues": ["videos"], "pid": 4711, "device": "CPU", "offers": [], "loaded": ""}


def entry(**changes) -> dict[str, object]:
    return {**ENTRY, "started_at": timezone.now(), **changes}


def test_a_living_worker_whose_entry_was_deleted_enters_itself_again(transactional_db):
    mine = entry()
    workers.say_alive("videos@here", mine)
    Worker.objects.all().delete()
    workers.say_alive("videos@here", mine)
    assert [worker.name for worker in Worker.objects.alive()] == ["videos@here"]
    assert Worker.objects.get().queues == ["videos"]


def test_saying_that_one_is_alive_keeps_what_is_known_of_the_model_in_memory(transactional_db):
    mine = entry()
    workers.say_alive("videos@here", mine)
    workers.note_loaded("videos@here", "LTX-2.3", "NVIDIA H100")
    workers.say_alive("videos@here", mine)
    row = Worker.objects.get()
    assert (row.loaded, row.device) == ("LTX-2.3", "NVIDIA H100")


def test_a_worker_started_again_under_its_name_has_nothing_in_memory(transactional_db):
    workers.say_alive("videos@here", entry())
    workers.note_loaded("videos@here", "LTX-2.3", "NVIDIA H100")
    workers.say_alive("videos@here", entry(pid=4712))
    row = Worker.objects.get()
    assert (row.pid, row.loaded) == (4712, "")
