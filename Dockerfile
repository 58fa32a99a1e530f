# Two images from one recipe: `web` (web server, beat, sweep, migrations) and `worker` (with torch and diffusers).
#   docker build --target web -t storyreel-web .
#   docker build --target worker -t storyreel-worker .

FROM python:3.11-slim-trixie AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/opt/storyreel/bin:/usr/local/bin:/usr/bin:/bin
# pg_dump and pg_restore, for `manage.py backup` and `restore`
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
# The numbers are fixed: volumes and secrets of other containers are given to them.
RUN groupadd --gid 10001 storyreel \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/storyreel --shell /usr/sbin/nologin storyreel \
    && install -d -o 10001 -g 10001 -m 0710 /var/lib/storyreel \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/storyreel/media /var/lib/storyreel/static \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/storyreel/compiled /var/lib/models
WORKDIR /srv/storyreel
RUN python -m venv /opt/storyreel
COPY pyproject.toml constraints.txt README.md LICENSE ./

FROM base AS web-packages
RUN python -m pip install --constraint constraints.txt '.[studio,voices]'

FROM base AS worker-packages
# torch.compile builds its kernels' launchers with it (LTX_COMPILE)
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
RUN python -m pip install --constraint constraints.txt '.[studio,ltx,voices]'

FROM web-packages AS web
COPY manage.py ./
COPY accounts accounts
COPY api api
COPY config config
COPY deploy/probe.py deploy/probe.py
COPY local local
COPY scenes scenes
COPY static static
COPY templates templates
COPY videogen videogen
COPY web web
# Modes come along: a checkout that only its owner may read is one that the image's user may not.
RUN chmod -R a+rX . && python -m compileall -q .
ENV VAR_DIR=/var/lib/storyreel HOST=0.0.0.0 HF_HOME=/var/lib/models
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/probe.py"]
CMD ["python", "-m", "gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]

FROM worker-packages AS worker
COPY --from=web /srv/storyreel /srv/storyreel
ENV VAR_DIR=/var/lib/storyreel HF_HOME=/var/lib/models
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=30s --start-period=120s --retries=3 CMD ["python", "manage.py", "probe", "worker"]
CMD ["python", "-m", "celery", "--quiet", "--app", "config", "worker", "--queues", "videos", "--hostname", "videos@%h", \
     "--concurrency", "1", "-O", "fair", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
