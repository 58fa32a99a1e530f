"""The settings of the tests: the product's own, a database in a file that workers can share, and test pipelines."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASE_IS_SQLITE, DATABASES, HEARTBEAT_SECONDS, INSTALLED_APPS, STORAGES, VAR_DIR

INSTALLED_APPS = [*INSTALLED_APPS, "tests.fixtures.pipelines"]
WORKERS_ELSEWHERE = False  # the count of queries must not depend on the database
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hashing slowly tests nothing
HEARTBEAT_SECONDS = int(os.environ.get("HEARTBEAT_SECONDS", HEARTBEAT_SECONDS))  # a test waits for a missed one
# A test's static files are the sources: no collectstatic, no manifest.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if DATABASE_IS_SQLITE:
    options = DATABASES["default"]["OPTIONS"]
    # Nobody pulls the plug on a test; videogen/media/test_storage.py holds the product's own way.
    options = options | {"init_command": options["init_command"].replace("synchronous=FULL", "synchronous=OFF")}
    test = {"NAME": str(VAR_DIR / "test.sqlite3")}
    DATABASES = {"default": DATABASES["default"] | {"OPTIONS": options, "TEST": test}}
elif template := os.environ.get("TEST_DATABASE_TEMPLATE"):  # tests.on_postgres sets it
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}
