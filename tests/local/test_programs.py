"""What a program is read from, and how it is started and ended."""

import re

import pytest

from local.errors import CannotRunError
from local.management.commands.run import procfile
from local.output import LogFile
from local.programs import Program, end, read_procfile
from tests.fixtures.runs import wait_until
from tests.fixtures.tree import ROOT
from videogen.pipelines.weights import installed


def test_the_commands_of_a_procfile_are_found_by_name():
    text = "# how it runs\n\nweb: exec serve --bind [::1]:80\n  two-words_2:run  \nnonsense\nempty:\n"
    assert read_procfile(text) == {"web": "exec serve --bind [::1]:80", "two-words_2": "run"}


def test_the_procfile_of_the_project_becomes_its_programs():
    commands = read_procfile((ROOT / "Procfile").read_text())
    assert list(commands) == ["web", "frames", "videos", "exports", "sweep", "beat"]
    # without exec the shell would get the signals
    assert all(command.startswith("exec python -m ") for command in commands.values())


def test_a_machine_with_a_gpu_has_one_process_on_it_for_frames_and_clips(monkeypatch):
    # Two processes would each hold a model and plan with memory that the other one takes.
    monkeypatch.setattr(installed, "gpu", lambda: None)
    assert procfile(ROOT, "auto").name == "Procfile"
    assert procfile(ROOT, "cuda:0").name == "Procfile.gpu"
    monkeypatch.setattr(installed, "gpu", lambda: "NVIDIA H100")
    assert procfile(ROOT, "cpu").name == "Procfile"
    commands = read_procfile(procfile(ROOT, "auto").read_text())
    assert list(commands) == ["web", "prompts", "gpu", "exports", "sweep", "beat"]
    queues = {name: re.findall(r"--queues (\S+)", command) for name, command in commands.items()}
    assert (queues["gpu"], queues["prompts"]) == (["frames,videos"], ["prompts"])
    assert all(command.startswith("exec python -m ") for command in commands.values())


@pytest.mark.worker
def test_a_program_does_nothing_before_somebody_has_noted_its_process(tmp_path):
    program = Program("touch", "touch done", LogFile(tmp_path / "log"), folder=tmp_path)
    noted = []

    def note():
        noted.append((program.pid, (tmp_path / "done").exists()))

    program.start(note)
    wait_until((tmp_path / "done").exists, 10, "never ran")
    end([program], 5)
    ((pid, had_run),) = noted
    assert pid is not None
    assert not had_run


@pytest.mark.worker
def test_a_program_whose_starter_dies_before_that_never_runs(tmp_path):
    program = Program("touch", "touch done", LogFile(tmp_path / "log"), folder=tmp_path)

    def die():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        program.start(die)
    program._process.stdin.close()  # as the kernel does with what a dead process held open
    assert program._process.wait(10) == 1
    assert not (tmp_path / "done").exists()


def test_a_program_that_cannot_be_started_is_a_sentence(tmp_path):
    program = Program("web", "true", LogFile(tmp_path / "log"), folder=tmp_path / "missing")
    with pytest.raises(CannotRunError, match=r"^web cannot be started: .*No such file"):
        program.start()


def test_a_log_is_emptied_by_the_first_start_and_kept_by_restarts(tmp_path):
    path = tmp_path / "log"
    path.write_text("of an earlier run\n")
    program = Program("web", "echo started", LogFile(path))
    for _ in range(2):
        program.start()
        wait_until(lambda: program.collect(), 10, "still runs")
    assert program.output.last_lines() == ["started", "started"]
