"""All configuration, read once from the environment. docs: the table of settings in README.md."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

from config import broker, env, private_files, secret_key
from config.schedule import Every

django_stubs_ext.monkeypatch()  # Django's classes take type parameters: ModelAdmin[Scene]

BASE_DIR = Path(__file__).resolve().parent.parent
os.umask(private_files.OTHERS)  # what the program writes is for its owner ...
GROUP_READABLE = env.flag("GROUP_READABLE", False)  # ... and media and static files, with this, for a web server
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var", mode=0o710 if GROUP_READABLE else 0o700)  # all that it writes
DEBUG = env.flag("DEBUG", False)
SECRET_KEY = secret_key.read(env.text("SECRET_KEY"), env.text("SECRET_KEY_FILE"), VAR_DIR)
HOST = env.text("HOST", "127.0.0.1")  # the address the web server listens on; 0.0.0.0 for every one
PORT = env.whole("PORT", 8000, low=1, high=65535)
# What a person types to come here: links on the terminal begin with it.
_name = "127.0.0.1" if HOST in ("0.0.0.0", "::") else f"[{HOST}]" if ":" in HOST else HOST  # noqa: S104  compared only
PUBLIC_URL = env.text("PUBLIC_URL", f"http://{_name}:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{_name},{urlsplit(PUBLIC_URL).hostname or ''}")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "web.views.errors.csrf_failure"
BEHIND_TLS = env.flag("BEHIND_TLS", False)  # a proxy in front speaks https and sets X-Forwarded-Proto
# Proxies whose X-Forwarded-For is believed; with TLS there is one, usually beside this program.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.1,::1" if BEHIND_TLS else "")
WEB_THREADS = env.whole("WEB_THREADS", 80, low=1, high=256)  # requests served at once by each web process
_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1  # macOS has none
WEB_PROCESSES = env.whole("WEB_CONCURRENCY", min(4, _cores), low=1, high=64)  # docs/decisions/0061
# How many of them may be answers that wait (?wait=) for a change; the rest stay free for everybody else.
WAIT_SLOTS = max(0, WEB_THREADS - max(8, WEB_THREADS // 5))

INSTALLED_APPS = [
    "config.admin_app.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "adminsortable2",
    "axes",
    "csp",
    "django_htmx",
    "guardian",
    "ninja",
    "config",
    "local",
    "web",
    "accounts",
    "scenes",
    "videogen",
]

MIDDLEWARE = [
    "config.request_log.RequestLogMiddleware",
    "api.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "api.middleware.BearerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.waiting.waiting",
            ],
            "builtins": ["web.templatetags.addresses", "web.templatetags.icons"],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{quote(str(VAR_DIR / 'storyreel.sqlite3'))}")}
DATABASE_IS_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
WORKERS_ELSEWHERE = not DATABASE_IS_SQLITE  # workers of other machines need a database that is a server
# A file kept open costs nothing, but a server counts its connections, and most threads are idle most of the time.
DATABASES["default"]["CONN_MAX_AGE"] = 60 if DATABASE_IS_SQLITE else 0
if DATABASE_IS_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        # Writers wait for one another instead of failing: the lock is taken when a transaction begins.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what was answered with 202 outlives a power cut (docs/decisions/0042).
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Who may ------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "films"
LOGOUT_REDIRECT_URL = "login"
ANONYMOUS_USER_NAME = None  # guardian: a visitor who is not signed in holds no rights at all
GUEST_LINKS = env.flag("GUEST_LINKS", True)  # links that open one scene to somebody without an account
SESAME_ONE_TIME = True
SESAME_MAX_AGE = 60 * 60  # seconds a sign-in link is good for
AXES_HANDLER = "accounts.lockout.Lockout"
AXES_USERNAME_CALLABLE = "accounts.lockout.attempted_name"
AXES_CLIENT_IP_CALLABLE = "accounts.address.client_address"
AXES_FAILURE_LIMIT = env.whole("LOGIN_FAILURE_LIMIT", 10, low=1)  # wrong passwords for a name from an address
LOGIN_ADDRESS_FAILURE_LIMIT = env.whole("LOGIN_ADDRESS_FAILURE_LIMIT", 50, low=1)  # from an address, for any name
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the pause ends when it said
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False

# --- What the browser may do --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
# Cookies ignore ports: two installations on one machine would sign each other out under one name.
SESSION_COOKIE_NAME = f"storyreel_{hashlib.sha256(str(VAR_DIR).encode()).hexdigest()[:8]}"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|metrics)$"]  # a probe comes from inside, in plain http
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# --- Files --------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"  # private: served by the access module only, never by the web server alone
FILE_UPLOAD_PERMISSIONS = 0o640 if GROUP_READABLE else 0o600  # of what a storage writes
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750 if GROUP_READABLE else 0o700
with suppress(OSError):  # storyreel.E002 says it
    private_files.make_folder(MEDIA_ROOT, FILE_UPLOAD_DIRECTORY_PERMISSIONS)
S3_BUCKET = env.text("S3_BUCKET")
S3_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL_S3", env.text("AWS_ENDPOINT_URL"))  # as boto3 reads it; none is Amazon
S3_PASS_THROUGH = env.flag("S3_PASS_THROUGH", False)  # browsers do not reach the bucket: this program sends its files
_MEDIA_STORAGE = (
    {"BACKEND": "videogen.media.bucket.Bucket"}
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
)
STORAGES = {
    "default": _MEDIA_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
X_ACCEL_REDIRECT = env.text("X_ACCEL_REDIRECT")  # nginx's internal location of MEDIA_ROOT, where there is one
UPLOAD_MAX_BYTES = env.whole("UPLOAD_MAX_MB", 20, low=1, high=500) * 2**20
UPLOAD_MAX_PIXELS = env.whole("UPLOAD_MAX_MEGAPIXELS", 24, low=1, high=500) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20  # forms and JSON; files have their own limit
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_HANDLERS = [
    "scenes.upload_handler.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "scenes.upload_handler.TemporaryFile",
]

# --- Work ---------------------------------------------------------------------------------------------------
REDIS_URL = env.secret("REDIS_URL", broker.local_url(VAR_DIR))
REDIS_IS_OURS = not env.secret("REDIS_URL")  # then `make run` starts one
METRICS_TOKEN = env.secret("METRICS_TOKEN")  # for /metrics; without one it is for this machine alone
PROGRAMS_FILE = VAR_DIR / "run" / "programs.json"  # how the programs of `make run` are
QUEUES = ("frames", "videos")
CLIP_PIXEL_BUDGET = env.whole("CLIP_PIXEL_BUDGET", 1920 * 1088 * 241, low=64 * 64)  # width x height x frames
DISK_RESERVE_BYTES = env.whole("DISK_RESERVE_MB", 500) * 2**20  # workers stop claiming under it, uploads are refused
# How much one person may ask for; 0 means no limit. Counted in videogen.quotas.
QUEUE_LIMIT = env.whole("QUEUE_LIMIT", 2000)  # jobs waiting, of everybody together
QUOTA_QUEUED = env.whole("QUOTA_QUEUED", 200)  # jobs waiting
QUOTA_LIVE = env.whole("QUOTA_LIVE", 220)  # jobs waiting or running
QUOTA_DEVICE_SECONDS = env.whole("QUOTA_DEVICE_SECONDS", 86_400)  # seconds of work on any device within 24 hours
QUOTA_UPLOADS = env.whole("QUOTA_UPLOADS", 2000)  # pictures of their own that one person may keep
QUOTA_UPLOAD_BYTES = env.whole("QUOTA_UPLOAD_MB", 4096) * 2**20  # of all of these
CANDIDATES_MAX = env.whole("CANDIDATES_MAX", 50)  # pictures of one step of a block; uploads beyond it are refused
# Told when a clip or a batch is done (videogen.webhooks): an address, and the secret its messages are signed with.
WEBHOOK_URL = env.secret("WEBHOOK_URL")  # it may hold a key of the receiver
WEBHOOK_SECRET = env.secret("WEBHOOK_SECRET")  # whsec_ and Base64, or any text
EXPORT_DAYS = env.whole("EXPORT_DAYS", 30, low=1, high=3650)  # how long a finished export is kept
CAPTION_FONT = env.text("CAPTION_FONT")  # a .ttf file for what Noto Sans lacks: Chinese, Japanese, Korean
LEASE_SECONDS = env.whole("LEASE_SECONDS", 60, low=5, high=3600)
HEARTBEAT_SECONDS = 10
# From the request to stop until the parent ends a child that does not stop by itself: less than `make run` waits (6).
WORKER_STOP_SECONDS = env.whole("WORKER_STOP_SECONDS", 4, low=1, high=3600)
MAX_ATTEMPTS = 3
RECONCILE_SECONDS = 15

# --- Models -------------------------------------------------------------------------------------------------
# Names of videogen.pipelines.registry, or auto: the best that runs here. Read by videogen.pipelines.config only.
VIDEO_MODEL = env.text("VIDEO_MODEL", "auto")
FRAME_MODEL = env.text("FRAME_MODEL", "auto")
# Checkpoints: a folder, or a repository of the model hub as owner/name and its revision: a branch, a tag or a commit.
LTX_CHECKPOINT = env.text("LTX_CHECKPOINT", "diffusers/LTX-2.3-Diffusers")
LTX_REVISION = env.text("LTX_REVISION")
LTX_DISTILLED_CHECKPOINT = env.text("LTX_DISTILLED_CHECKPOINT", "diffusers/LTX-2.3-Distilled-Diffusers")
LTX_DISTILLED_REVISION = env.text("LTX_DISTILLED_REVISION")
LTX25_CHECKPOINT = env.text("LTX25_CHECKPOINT")  # none: LTX-2.5 is not offered
LTX25_REVISION = env.text("LTX25_REVISION")
LTX_UPSAMPLER = env.text("LTX_UPSAMPLER")  # for two stages: a latent upsampler, twice in width and height
LTX_DISTILLED_LORA = env.text("LTX_DISTILLED_LORA")  # for the second stage of the dev checkpoint
LTX_LORAS = env.text("LTX_LORAS")  # on offer in the form: name=path-or-repository[:file][@strength], ...
FLUX_CHECKPOINT = env.text("FLUX_CHECKPOINT", "black-forest-labs/FLUX.2-klein-4B")
FLUX_REVISION = env.text("FLUX_REVISION")
DEVICE = env.text("DEVICE", "auto")
LTX_COMPILE = env.flag("LTX_COMPILE", True)  # compile the transformer's blocks on a GPU; the code is kept in VAR_DIR
# Faster, and not exactly what the model would make: videogen.pipelines.shortcuts.
LTX_FP8 = env.choice("LTX_FP8", "off", ("off", "weights", "dynamic"))
LTX_SKIP_STEP = env.whole("LTX_SKIP_STEP", 0, high=4)  # steps without passes of guidance after each one with them
MEMORY_MODE = env.choice("MEMORY_MODE", "auto", ("auto", "resident", "offload", "low"))

# --- Voices -------------------------------------------------------------------------------------------------
PIPER_VOICES = env.text("PIPER_VOICES")  # a folder of Piper's voices: name.onnx, and beside it name.onnx.json
PIPER_COMMAND = env.text("PIPER_COMMAND", "piper")  # the program that speaks with them

# --- Optimize Prompt ----------------------------------------------------------------------------------------
# auto: the language model where one is named, else the video model's text encoder where it has one, else rules.
PROMPT_OPTIMIZER = env.choice("PROMPT_OPTIMIZER", "auto", ("auto", "llm", "encoder", "composer"))
PROMPT_LLM_URL = env.text("PROMPT_LLM_URL").rstrip("/")  # any OpenAI-compatible server: http://localhost:11434/v1
PROMPT_LLM_MODEL = env.text("PROMPT_LLM_MODEL")
PROMPT_LLM_KEY = env.secret("PROMPT_LLM_KEY")
PROMPT_LLM_IMAGES = env.flag("PROMPT_LLM_IMAGES", False)  # the model looks at pictures: send it the frames
PROMPT_LLM_SECONDS = env.whole("PROMPT_LLM_SECONDS", 60, low=1, high=600)  # for the whole answer, retry included

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "ack_emulation": False,  # a message is gone once it is taken: videogen.worker.transport
    # Of consumers, beat and the sweep: a stall of seconds is not the broker's end. Requests: videogen.wake.
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_POOL = "prefork"
CELERY_WORKER_POOL_START_METHOD = "spawn"  # CUDA starts in the child
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60
CELERY_WORKER_CONCURRENCY = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # else whoever may write to Redis could end every worker
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.schedule:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    "reconcile": {
        "task": "videogen.tasks.reconcile",
        "schedule": Every(RECONCILE_SECONDS),
        "args": ("beat",),  # workers ask for the same when they start
        "options": {"queue": "sweep", "expires": RECONCILE_SECONDS},
    },
    "sweep_sign_ins": {"task": "accounts.tasks.sweep_sign_ins", "schedule": Every(3600), "options": {"queue": "sweep"}},
    "sweep_files": {"task": "videogen.tasks.sweep_files", "schedule": Every(3600), "options": {"queue": "sweep"}},
}

# --- The rest -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}{where}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "filters": {
        "probes": {"()": "config.logs.ProbesAreQuiet"},
        "request": {"()": "config.request_log.RequestFilter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("LOG_FORMAT", "line", ("line", "json")),
            "filters": ["probes", "request"],
        }
    },
    "loggers": {
        "botocore": {"level": "WARNING"},  # where it found the credentials
        "httpx2": {"level": "WARNING"},  # one line for each request, with its address
        # Each start would tell of classes that torchao has no longer, and of its kernels that are for other cards.
        "diffusers.quantizers.torchao": {"level": "ERROR"},
        "torch.utils._pytree": {"level": "ERROR"},
        "torchao": {"level": "ERROR"},
    },
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING"))},
}
