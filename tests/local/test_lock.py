"""One run on a folder at a time."""

import os
import subprocess
import sys

import pytest

from local.errors import CannotRunError
from local.lock import only_run


def hold(var_dir, holder: str, seconds: float) -> subprocess.Popen[bytes]:
    """A process that holds the lock, as if `holder` had taken it."""
    code = f"""
import fcntl, sys, time
with open({str(var_dir / "run" / "lock")!r}, "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write({holder!r})
    lock.flush()
    print("held", flush=True)
    time.sleep({seconds})
"""
    (var_dir / "run").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_folder_that_is_in_use_is_refused_with_its_holder(tmp_path):
    holder = f"process {os.getpid()}, http://127.0.0.1:1"
    with hold(tmp_path, holder, 60) as process:
        with pytest.raises(CannotRunError) as refusal, only_run(tmp_path, "http://127.0.0.1:2"):
            pass
        process.kill()
    assert str(refusal.value) == (
        f"Storyreel already runs on {tmp_path} ({holder}). Stop that run first, or set VAR_DIR to another folder."
    )


def test_a_start_waits_while_the_programs_of_a_killed_run_end(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    with (
        hold(tmp_path, f"process {gone.pid}, http://127.0.0.1:1", 0.5),
        only_run(tmp_path, "http://127.0.0.1:2"),
    ):
        assert (tmp_path / "run" / "lock").read_text() == f"process {os.getpid()}, http://127.0.0.1:2"
