"""manage.py models against a hub on this machine: a whole download, what it says meanwhile, which commit it is of."""

import os
import pty
import re
import subprocess
import sys

import pytest
from django.core.management import CommandError

from tests.fixtures.hub import BESIDE, NAME, files, folder, manage, models, read_by_pipelines, weights
from tests.fixtures.hub_server import Hub, Repository
from tests.fixtures.ltx import Steps
from tests.fixtures.tree import ROOT
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.weights import installed
from videogen.pipelines.weights.checkpoints import identity, locate
from videogen.pipelines.weights.progress import DownloadProgress, duration


def test_a_downloaded_model_is_listed_is_right_and_loads_without_a_hub(hub, settings, ltx_folder):
    from videogen.pipelines.device.compute import Device
    from videogen.pipelines.ltx2.checkpoint import LtxModel

    saved = {str(path.relative_to(ltx_folder)): path.read_bytes() for path in ltx_folder.rglob("*") if path.is_file()}
    commit = hub.repositories[NAME].commit(saved | BESIDE)
    done = manage("download", "ltx2.3")
    assert (done.returncode, done.stderr) == (0, "")
    assert hub.sent == sum(map(len, saved.values()))  # not a byte twice, and nothing that no pipeline reads
    assert {request.status for request in hub.requests} == {200, 302}  # nothing was asked that this hub does not know
    assert f"put this into its environment:\nLTX_REVISION={commit}\n" in done.stdout
    asked = len(hub.requests)

    settings.VIDEO_MODEL = "ltx2.3"
    said = models("list")
    assert re.search(rf"\* ltx2\.3 +runs here; 30\.\d MB of disk \({NAME}\)\n +commit {commit}, until the next", said)
    assert "hashes and lengths of all files are right" in models("verify", "ltx2.3")
    assert len(hub.requests) == asked
    hub.stop()
    place = locate(ModelSettings.read().ltx, "ltx2.3")
    assert {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()} == saved
    LtxModel.load(place, Device("cpu"), "auto", "ltx2.3", Steps()).close()


def test_only_what_the_index_names_is_fetched_and_each_weight_once(hub):
    # Catches 40 GB for each copy that a repository keeps of the same weights.
    fp16 = '{"weight_map":{"weight1":"model.fp16-1-of-1.safetensors"}}'
    copies = {
        "transformer/diffusion_pytorch_model.safetensors": weights(502, 20),  # whole, beside its shards
        "transformer/model.fp16-1-of-1.safetensors": weights(502, 21),
        "transformer/model.fp16.safetensors.index.json": fp16.encode(),
        "transformer/model.safetensors.index.fp16.json": fp16.encode(),
        "transformer/before/model-1-of-2.safetensors": weights(502, 22),
        "text_encoder/model.fp32.safetensors": weights(502, 23),
        "text_encoder/pytorch_model.bin": b"pickle",
        "text_encoder/pytorch_model.bin.index.json": b"{}",
        "text_encoder_2/model.safetensors": weights(502, 24),  # of no part that the index names
        "ltx-2.3-fp8.safetensors": weights(502, 25),
    }
    wanted = read_by_pipelines(files())
    hub.repositories[NAME].commit(files() | copies)
    said = models("download", "ltx2.3")
    assert {str(path.relative_to(folder())) for path in folder().rglob("*") if path.is_file()} == set(wanted)
    listing = len(copies["transformer/model.fp16.safetensors.index.json"])  # was looked at
    assert hub.sent == sum(map(len, set(wanted.values()))) + listing
    assert "4.0 MB of 4.0 MB" in said
    assert "hashes and lengths of all files are right" in models("verify", "ltx2.3")


def test_a_shard_that_the_repository_lacks_is_told_before_any_weights_are_fetched(hub):
    shard = "transformer/model-2-of-2.safetensors"
    hub.repositories[NAME].commit({path: data for path, data in files().items() if path != shard})
    with pytest.raises(CommandError, match=f"lacks {shard} at its commit"):
        models("download", "ltx2.3")
    assert hub.sent < 1000


def test_weights_come_from_another_host_which_gets_no_token(hub, monkeypatch):
    hub.repositories[NAME].commit(files())
    hub.repositories[NAME].private = True
    monkeypatch.setenv("HF_TOKEN", Hub.TOKEN)
    models("download", "ltx2.3")
    by_host = {request.path.startswith("/storage/"): set() for request in hub.requests}
    for request in hub.requests:
        by_host[request.path.startswith("/storage/")].add(request.token)
    assert by_host == {True: {""}, False: {Hub.TOKEN}}


def test_a_second_download_asks_and_fetches_nothing(hub):
    hub.repositories[NAME].commit(files())
    models("download", "ltx2.3")
    before = hub.sent
    assert "all of its 4.0 MB are here; nothing is to be fetched" in models("download", "ltx2.3")
    assert hub.sent == before


# --- Which commit -----------------------------------------------------------------------------------------------


def test_what_another_repository_here_has_is_linked_and_not_fetched_again(hub, settings, monkeypatch):
    # The draft and the dev checkpoint hold the same text encoder of 49 GB.
    same = files()
    hub.repositories[NAME].commit(same)
    manage("download", "ltx2.3")
    draft = "studio/draft"
    hub.repositories[draft] = Repository()
    other = same | {
        "transformer/model-1-of-2.safetensors": weights(10**6, 99),
        "scheduler/scheduler_config.json": b'{"use_dynamic_shifting":false}',
    }
    hub.repositories[draft].commit(other)
    settings.LTX_DISTILLED_CHECKPOINT = draft
    monkeypatch.setenv("LTX_DISTILLED_CHECKPOINT", draft)
    before = hub.sent
    done = manage("download", "ltx2.3-distilled")
    assert (done.returncode, done.stderr) == (0, "")
    large = len(other["transformer/model-1-of-2.safetensors"])
    assert large <= hub.sent - before < large + 20_000  # small files have no such hash
    shared = "transformer/model-2-of-2.safetensors"
    mine, theirs = (installed.folder_of(Checkpoint(name)) / shared for name in (NAME, draft))
    assert mine.resolve().samefile(theirs.resolve())
    assert "hashes and lengths of all files are right" in models("verify", "ltx2.3-distilled")


def test_a_moving_revision_stays_where_it_was_until_the_next_download(hub):
    repository = hub.repositories[NAME]
    old = repository.commit(files(seed=1))
    models("download", "ltx2.3")
    loaded = identity(locate(Checkpoint(NAME), "ltx2.3"))
    changed = files(seed=1) | {"transformer/model-2-of-2.safetensors": weights(10**6, 9)}
    new = repository.commit(changed)
    assert (folder().name, identity(locate(Checkpoint(NAME), "ltx2.3"))) == (old, loaded)
    assert f"commit {old}, until the next download" in models("list")

    before = hub.sent
    said = models("download", "ltx2.3")
    assert hub.sent - before == len(changed["transformer/model-2-of-2.safetensors"])
    assert f"LTX_REVISION={new}" in said
    assert said.splitlines()[-1] == f"The files it had before are still in {folder(old)}."
    assert folder().name == new
    assert identity(locate(Checkpoint(NAME), "ltx2.3")) != loaded
    assert (folder(old) / "transformer/model-2-of-2.safetensors").is_file()


def test_a_download_that_fails_leaves_the_installation_with_the_commit_it_had(hub):
    repository = hub.repositories[NAME]
    old = repository.commit(files(seed=1))
    models("download", "ltx2.3")
    shard = "transformer/model-2-of-2.safetensors"
    repository.commit(files(seed=1) | {shard: weights(10**6, 9)})
    repository.declared[shard] = 10**15
    with pytest.raises(CommandError, match="Free some space"):
        models("download", "ltx2.3")
    assert folder().name == old
    repository.declared.clear()
    repository.commit({path: data for path, data in files(seed=1).items() if path != shard})
    with pytest.raises(CommandError, match=f"lacks {shard} at its commit .* so this installation stays as it was"):
        models("download", "ltx2.3")
    assert folder().name == old
    assert "hashes and lengths of all files are right" in models("verify", "ltx2.3")


@pytest.mark.parametrize("pin", ["v1", "commit"])
def test_a_pinned_revision_is_fetched_and_the_newest_is_not(hub, settings, pin):
    repository = hub.repositories[NAME]
    commit = repository.commit(files(seed=1), ref="v1")
    repository.commit(files(seed=5))
    settings.LTX_REVISION = commit if pin == "commit" else pin
    said = models("download", "ltx2.3")
    assert folder(settings.LTX_REVISION).name == commit
    assert installed.folder_of(Checkpoint(NAME)) is None
    if pin == "commit":
        assert f"Its commit is {commit}, as LTX_REVISION says." in said
        assert f"commit {commit}, pinned" in models("list")
    else:
        assert f"LTX_REVISION={commit}" in said


def test_every_checkpoint_can_be_pinned(settings):
    for field in ("LTX", "LTX_DISTILLED", "FLUX"):
        setattr(settings, f"{field}_CHECKPOINT", f"studio/{field.lower()}@a-branch")
        setattr(settings, f"{field}_REVISION", f"of-{field}")
    read = ModelSettings.read()
    assert [str(checkpoint) for checkpoint in (read.ltx, read.ltx_distilled, read.flux)] == [
        "studio/ltx@of-LTX",
        "studio/ltx_distilled@of-LTX_DISTILLED",
        "studio/flux@of-FLUX",
    ]


def test_a_folder_has_no_revision_and_may_have_an_at_sign(tmp_path):
    place = str(tmp_path / "weights@2" / "ltx")
    assert Checkpoint.parse(place, "abc") == Checkpoint(place)


# --- What a person sees -----------------------------------------------------------------------------------------

HOW_FAR = re.compile(r"\d+\.\d MB of \d+\.\d MB \(\d+ %\), (\d+\.\d MB/s, \d+ s left|waiting|checking)")


def test_a_log_gets_a_line_now_and_then(hub):
    hub.repositories[NAME].commit(files(3 * 10**6))
    hub.rate = 10**6
    done = manage("download", "ltx2.3")
    first, *between, fetched, place, commit, line = done.stdout.splitlines()
    assert first == f"{NAME}: 6.0 MB of 6.0 MB are to be fetched."
    assert between
    assert len(between) <= 3
    assert all(HOW_FAR.fullmatch(text) for text in between), between
    assert re.fullmatch(r"Fetched 6\.0 MB in \d+ s, \d\.\d MB/s\.", fetched)
    assert "\r" not in done.stdout
    assert place.startswith("LTX-2.3 is in ")
    assert (commit.startswith("Its commit is "), line[:13]) == (True, "LTX_REVISION=")


def test_a_terminal_gets_one_line_that_is_written_over(hub):
    hub.repositories[NAME].commit(files(10**6))
    hub.rate = 10**6 // 2
    terminal, other = pty.openpty()
    command = [sys.executable, "manage.py", "models", "download", "ltx2.3"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TERM": "xterm"}, stdout=other, stderr=other)
    os.close(other)
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(terminal)
    assert process.wait(60) == 0
    lines = said.decode().replace("\r\n", "\n").split("\n")
    (written_over,) = [line for line in lines if "\r" in line]
    states = [state.strip() for state in written_over.split("\r") if state]
    assert len(states) >= 2
    assert all(HOW_FAR.fullmatch(state) for state in states), states


def test_progress_tells_bytes_rate_and_time_left_in_fewer_and_fewer_lines():
    now, said = [100.0], []
    progress = DownloadProgress(71 * 10**9, 20 * 10**9, said.append, terminal=False, clock=lambda: now[0])
    for _ in range(1000):
        now[0] += 0.5
        progress.add(25 * 10**6)
        progress.show()
    assert said[0] == "20.1 GB of 71.0 GB (28 %), 50.0 MB/s, 17 min left\n"
    assert said[-1] == "44.1 GB of 71.0 GB (62 %), 50.0 MB/s, 9 min left\n"
    assert len(said) == 12  # in 500 seconds
    now[0] += 30
    assert progress.line() == "45.0 GB of 71.0 GB (63 %), 18.8 MB/s, 23 min left"
    now[0] += 30
    assert progress.line() == "45.0 GB of 71.0 GB (63 %), waiting"
    assert progress.summary() == "25.0 GB in 9 min, 44.6 MB/s"
    assert [duration(seconds) for seconds in (3.4, 95, 3600, 9000)] == ["3 s", "2 min", "60 min", "2.5 h"]
