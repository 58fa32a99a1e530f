"""Set before Django reads its settings: everything the tests write goes to a folder of their own."""

import atexit
import os
import shutil
import tempfile

_VAR_DIR = tempfile.mkdtemp(prefix="storyreel-tests-")
atexit.register(shutil.rmtree, _VAR_DIR, ignore_errors=True)

for name in ("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "BEHIND_TLS", "DEBUG"):
    os.environ.pop(name, None)
os.environ["VAR_DIR"] = _VAR_DIR
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
