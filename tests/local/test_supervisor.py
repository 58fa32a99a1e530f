"""The supervisor with small programs: restarts, reasons, stops, and nothing left behind, not even a zombie."""

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.fixtures.runs import command_line, wait_until
from tests.fixtures.tree import ROOT

pytestmark = pytest.mark.worker

PATIENCE = 20  # seconds, on a busy machine
SLEEPER = "exec sleep 600"
# A leader with a child in its group. Each says and writes down the signals it gets; the leader ends with the first.
FAMILY = r"""
import os, signal, sys
child = os.fork()
name = "leader" if child else "child"
def note(number, frame):
    os.write(1, b"noted\n")
    with open("signals", "a") as file:
        file.write(f"{name} {signal.Signals(number).name}\n")
    if child:
        sys.exit(0)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, note)
os.write(1, f"{name} is up\n".encode())
while True:
    signal.pause()
"""
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
FLOOD = "while True: print('x' * 200)"


def python(code: str) -> str:
    return f"exec {shlex.join([sys.executable, '-c', code])}"


class Supervised:
    """A supervisor in a process of its own, and what it says."""

    def __init__(
        self, folder: Path, programs: dict[str, str], *, grace: float = 5, terminal: int | None = None, **limits: float
    ) -> None:
        self.folder = folder
        wanted = {"programs": programs, "grace": grace, "limits": {"first_delay": 0.05, **limits}}
        self._out = folder / "output"
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.fixtures.supervised", str(folder), json.dumps(wanted)],
                cwd=ROOT,
                stdin=terminal,
                stdout=out if terminal is None else terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=None if terminal is None else lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )

    @property
    def output(self) -> str:
        return self._out.read_text()

    def wait_for(self, words: str, times: int = 1) -> None:
        wait_until(lambda: self.output.count(words) >= times, PATIENCE, f"no {words!r} in {self.output!r}")

    def states(self) -> dict[str, dict[str, object]]:
        """What the state file tells, by name."""
        with suppress(FileNotFoundError):
            return {state["name"]: state for state in json.loads((self.folder / "programs.json").read_text())}
        return {}

    def processes(self) -> list[psutil.Process]:
        """Everything below the supervisor."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def find(self, part: str) -> psutil.Process:
        """Wait for the one process with this in its command line that is no longer a waiting shell.

        Nor the supervisor's copy of itself, which has its command line until the program takes its place.
        """
        found: list[psutil.Process] = []
        ours = command_line(psutil.Process(self.process.pid))

        def look() -> bool:
            lines = {process: command_line(process) for process in self.processes()}
            found[:] = [p for p, line in lines.items() if part in line and "read -r" not in line and line != ours]
            return len(found) == 1

        wait_until(look, PATIENCE, f"no {part} among {self.processes()}")
        return found[0]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def supervise(programs: dict[str, str], **options: float) -> Supervised:
        started.append(Supervised(tmp_path, programs, **options))
        return started[-1]

    yield supervise
    for supervised in started:
        supervised.process.kill()
        supervised.process.wait()


def test_a_program_that_ends_is_started_again_and_the_others_stay(supervise, tmp_path):
    run = supervise({"web": SLEEPER, "beat": "exec sleep 601"})
    stays, ends = run.find("sleep 600"), run.find("sleep 601")
    ends.kill()
    run.wait_for("beat ended (SIGKILL); restart 1 in 0.05 s.")
    wait_until(lambda: run.states().get("beat", {}).get("restarts") == 1, PATIENCE, run.output)
    assert run.find("sleep 600") == stays
    assert run.find("sleep 601") != ends
    assert run.states() == {
        "web": {"name": "web", "state": "running", "restarts": 0, "last_end": ""},
        "beat": {"name": "beat", "state": "running", "restarts": 1, "last_end": "SIGKILL"},
    }
    assert (tmp_path / "programs.json").stat().st_mode & 0o777 == 0o600
    assert run.stop() == 0
    assert not (tmp_path / "programs.json").exists()


def test_between_its_end_and_its_start_a_program_is_restarting(supervise):
    run = supervise({"web": SLEEPER, "beat": "exit 3"}, first_delay=600)
    run.wait_for("beat ended (exit code 3); restart 1 in 600 s.")
    wait_until(lambda: run.states().get("beat", {}).get("state") == "restarting", PATIENCE, run.output)
    assert run.stop() == 0


def test_five_ends_in_a_minute_stop_the_run_with_the_reason(supervise):
    run = supervise({"web": SLEEPER, "beat": "echo one; echo two; exit 3"})
    run.find("sleep 600")
    programs = run.processes()
    assert run.process.wait(PATIENCE) == 1
    assert not [process for process in programs if psutil.pid_exists(process.pid)]
    assert [line for line in run.output.splitlines() if "|" not in line] == [
        "beat ended (exit code 3); restart 1 in 0.05 s.",
        "beat ended (exit code 3); restart 2 in 0.1 s.",
        "beat ended (exit code 3); restart 3 in 0.2 s.",
        "beat ended (exit code 3); restart 4 in 0.4 s.",
        "beat ended (exit code 3), 5 times within 60 s. The run stops. The last lines of beat:",
        "  one",
        "  two",
    ]


def test_a_program_that_cannot_be_found_ends_the_run_in_the_same_way(supervise):
    run = supervise({"web": "exec no-such-program"})
    assert run.process.wait(PATIENCE) == 1
    assert "web ended (exit code 127), 5 times within 60 s. The run stops." in run.output
    assert run.output.splitlines()[-1].endswith("not found")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_stop_asks_the_leaders_only_and_kills_what_is_left(supervise, tmp_path, number):
    run = supervise({"family": python(FAMILY)}, grace=0.5)
    run.wait_for("is up", times=2)
    programs = run.processes()
    assert len(programs) == 3  # the watcher is one
    assert run.stop(number) == 0
    assert not [process for process in programs if psutil.pid_exists(process.pid)]
    assert (tmp_path / "signals").read_text() == "leader SIGTERM\n"


def test_the_rest_of_a_program_that_ended_is_killed_before_it_is_started_again(supervise, tmp_path):
    run = supervise({"family": python(FAMILY)})
    run.wait_for("is up", times=2)
    leader, child = (p for p in run.processes() if "local.watcher" not in command_line(p))
    leader.kill()
    run.wait_for("is up", times=4)
    wait_until(lambda: not psutil.pid_exists(child.pid), PATIENCE, "the old child lives")
    assert not (tmp_path / "signals").exists()


def test_what_a_program_orphans_is_no_zombie_when_it_ends(supervise):
    run = supervise({"web": "(sleep 0.1 &)\n(setsid sleep 0.1 &)\nexec sleep 600"})
    run.find("sleep 600")
    wait_until(lambda: len(run.processes()) == 2, PATIENCE, f"left: {run.processes()}")  # the watcher and the program
    assert run.stop() == 0


def test_a_program_that_ignores_the_signal_is_killed_after_the_grace_period(supervise):
    run = supervise({"stubborn": python(STUBBORN)}, grace=0.3)
    run.wait_for("| up")
    began = time.monotonic()
    assert run.stop() == 0
    assert 0.3 < time.monotonic() - began < 5


def test_a_flood_of_lines_does_not_delay_a_stop(supervise):
    run = supervise({"flood": python(FLOOD), "other": SLEEPER}, grace=20)
    run.wait_for("x", times=10_000)
    began = time.monotonic()
    assert run.stop() == 0
    assert time.monotonic() - began < 5


def test_a_terminal_that_takes_no_lines_does_not_delay_a_stop(supervise):
    master, slave = os.openpty()
    run = supervise({"flood": python(FLOOD)}, terminal=slave, grace=20)
    os.close(slave)
    run.find("x")
    time.sleep(0.5)  # nobody reads: the terminal is full by now, and so is the pipe behind it
    assert run.stop() == 0
    os.close(master)


def test_ctrl_c_in_the_terminal_ends_the_run(supervise, tmp_path):
    master, slave = os.openpty()
    os.set_blocking(master, True)
    run = supervise({"family": python(FAMILY)}, terminal=slave, grace=0.5)
    os.close(slave)
    shown = bytearray()
    wait_until(lambda: shown.extend(os.read(master, 1000)) or shown.count(b"is up") == 2, PATIENCE, "not up")
    programs = run.processes()
    os.write(master, b"\x03")
    assert run.process.wait(PATIENCE) == 0
    assert not [process for process in programs if psutil.pid_exists(process.pid)]
    assert (tmp_path / "signals").read_text() == "leader SIGTERM\n"
    os.close(master)


def test_a_terminal_that_is_closed_ends_the_run(supervise):
    master, slave = os.openpty()
    run = supervise({"web": SLEEPER, "flood": python(FLOOD)}, terminal=slave, grace=0.5)
    os.close(slave)
    run.find("sleep 600")
    programs = run.processes()
    os.close(master)
    assert run.process.wait(PATIENCE) == 0
    assert not [process for process in programs if psutil.pid_exists(process.pid)]


def test_a_killed_supervisor_leaves_no_program_and_each_was_asked_first(supervise, tmp_path):
    run = supervise({"family": python(FAMILY), "stubborn": python(STUBBORN)}, grace=1)
    run.wait_for("up", times=3)
    programs = run.processes()
    assert len(programs) == 4
    run.process.kill()
    run.process.wait()
    wait_until(lambda: not any(lives(process) for process in programs), PATIENCE, f"left: {programs}")
    assert (tmp_path / "signals").read_text() == "leader SIGTERM\n"


def lives(process: psutil.Process) -> bool:
    """Whether it runs; the zombie of an orphan waits for the first process of the machine, which is not ours."""
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def test_the_kill_of_the_whole_group_of_the_supervisor_leaves_no_program(supervise):
    run = supervise({"web": SLEEPER})
    run.find("sleep 600")
    programs = run.processes()
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()
    wait_until(lambda: not any(lives(process) for process in programs), PATIENCE, f"left: {programs}")


def test_a_killed_watcher_is_replaced_by_one_that_knows_the_programs(supervise):
    run = supervise({"web": SLEEPER})
    run.find("sleep 600")
    first = run.find("local.watcher")
    first.kill()
    wait_until(lambda: not psutil.pid_exists(first.pid), PATIENCE, "not reaped")
    assert run.find("local.watcher") != first
    programs = run.processes()
    run.process.kill()
    run.process.wait()
    wait_until(lambda: not any(lives(process) for process in programs), PATIENCE, f"left: {programs}")


def test_lines_stay_whole_and_carry_the_name_of_their_program(supervise):
    long = python("for n in range(2000): print(f'{n} ' + 'long ' * 200)")
    run = supervise({"web": f"{long[5:]}; exec sleep 600", "beat": f"{long[5:]} >&2; exec sleep 600"})
    run.wait_for("1999 long", times=2)
    run.stop()
    lines = run.output.splitlines()
    assert len(lines) == 4000
    assert {re.sub(r"\d+:\d+:\d+ (web |beat) \| \d+ (long )*", r"\1", line) for line in lines} == {"web ", "beat"}
    for name in ("web ", "beat"):
        assert [int(line.split("| ")[1].split()[0]) for line in lines if name in line] == list(range(2000))
