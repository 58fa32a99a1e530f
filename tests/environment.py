"""Set before Django reads its settings: everything the tests write goes to a folder of their own."""

import atexit
import os
import shutil
import tempfile

_VAR_DIR = tempfile.mkdtemp(prefix="storyreel-tests-")
atexit.register(shutil.rmtree, _VAR_DIR, ignore_errors=True)

for name in (
    "ALLOWED_HOSTS",
    "BEHIND_TLS",
    "DATABASE_URL",
    "DEBUG",
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "REDIS_URL",
    "S3_BUCKET",
    "S3_PASS_THROUGH",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "VIDEO_MODEL",
    "FRAME_MODEL",
    "LTX_CHECKPOINT",
    "LTX_REVISION",
    "LTX_DISTILLED_CHECKPOINT",
    "LTX_DISTILLED_REVISION",
    "FLUX_CHECKPOINT",
    "FLUX_REVISION",
    "DEVICE",
    "MEMORY_MODE",
    "PIPER_COMMAND",
    "PIPER_VOICES",
    "LTX_FP8",
    "LTX_SKIP_STEP",
    "HF_ENDPOINT",
    "HF_HUB_CACHE",
    "HF_TOKEN",
):
    os.environ.pop(name, None)
os.environ["VAR_DIR"] = _VAR_DIR
# Tensors as small as a test's are not worth a second thread, which waits by spinning; other tests run beside.
os.environ["OMP_NUM_THREADS"] = "1"
if url := os.environ.get("TEST_DATABASE_URL"):  # tests.on_postgres sets it
    os.environ["DATABASE_URL"] = url
os.environ["HF_HOME"] = os.path.join(_VAR_DIR, "hub")  # nobody's weights: the animatic is the default
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # huggingface_hub asks its own address a question of its own otherwise
os.mkdir(os.path.join(_VAR_DIR, "static"))  # whitenoise warns where collectstatic never ran, and warnings are errors
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
