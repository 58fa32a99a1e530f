# Everything starts here. `make run` needs Python 3.11 or newer, make and git; it installs the rest in .venv.

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
TEMPLATES := $(shell find templates -name '*.html')
export DJANGO_SETTINGS_MODULE := config.settings
unexport PYTHONDONTWRITEBYTECODE  # each of the suite's processes would compile the project and the tests anew

.PHONY: help run worker quick check faults lint templates types imports configuration fix test attack art install lock clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.DEFAULT_GOAL := run

run: .venv/.base  ## web server, workers and Redis on this machine; Ctrl-C ends them
	@$(PY) manage.py run

QUEUE ?= videos
worker: .venv/.base  ## one more worker: make worker QUEUE=videos
	@$(PY) -m celery --quiet --app config worker --queues $(QUEUE) --hostname $(QUEUE)-$$$$@%h \
	  --concurrency 1 -O fair --loglevel warning --without-gossip --without-mingle

check: lint templates types imports configuration  ## all that needs no running program; `make -k check` goes on after a fault

lint: .venv/.dev  ## ruff, django-upgrade
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/django-upgrade --target-version 5.2 --check $$(git ls-files '*.py' ':!*/migrations/*')

templates: .venv/.dev  ## djade, djhtml
	.venv/bin/djade --target-version 5.2 --check $(TEMPLATES)
	.venv/bin/djhtml --check --tabwidth 2 $(TEMPLATES)

types: .venv/.dev  ## mypy, strict
	$(PY) -m mypy

imports: .venv/.dev  ## which module may import which
	.venv/bin/lint-imports --no-logo

configuration: .venv/.dev  # migrations and system checks, as they are and as a deployment would have them
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check --fail-level WARNING
	BEHIND_TLS=1 PUBLIC_URL=https://storyreel.example.org \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	  $(PY) manage.py check --deploy --fail-level WARNING

fix: .venv/.dev  ## repair what a tool can repair
	-.venv/bin/django-upgrade --target-version 5.2 $$(git ls-files '*.py' ':!*/migrations/*')
	-$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	-.venv/bin/djade --target-version 5.2 $(TEMPLATES)
	.venv/bin/djhtml --tabwidth 2 $(TEMPLATES)

# One more than there are cores: tests wait, for a worker, a browser, a lease. Those that share servers stay in one.
PROCESSES := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --maxprocesses 4 --dist loadgroup
PYTEST := $(PY) -m pytest $(PROCESSES)

quick: .venv/.dev  ## the tests that need no browser, worker, model library or PostgreSQL
	$(PYTEST) -q -m "not browser and not worker and not models" $(ARGS)

test: .venv/.full  ## the whole suite, with everything it needs; COVERAGE=1 measures its coverage
	$(PY) -m tests.chromium
	$(PYTEST) --durations 10 --durations-min 1 $(if $(COVERAGE),--cov --cov-report=term:skip-covered) $(ARGS)
	$(PY) -m tests.on_postgres $(PROCESSES) -q

faults: .venv/.full  ## break everything on both databases, and print the table; ARGS="Redis -full" lines with and without
	@$(PY) -m tests.faults $(ARGS)

attack: .venv/.dev  ## attack an instance of its own, under two minutes; ARGS="http://host:port --token TOKEN" another
	$(PY) -m attacks $(ARGS)

art: .venv/.base  ## draw the demo's pictures anew, a minute: docs/art writes scenes/demo/pictures
	PYTHONPATH=docs:. $(PY) -m art

install: .venv/.full  ## all of it: the diffusion models' libraries and the tools of development

lock:  ## pin the newest versions that fit pyproject.toml
	rm -rf var/lock && $(PYTHON) -m venv var/lock
	var/lock/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[dev,ltx,studio]'
	( sed -n '/^#/p' constraints.txt && \
	  var/lock/bin/python -m pip freeze --exclude-editable | sed -E '/^#/d; s/\+[a-z0-9.]+$$//' | sort -f ) > var/lock.txt
	mv var/lock.txt constraints.txt && rm -rf var/lock

clean:  ## remove what was installed and cached; never var/, where the data is
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .coverage.* htmlcov *.egg-info

# --- The environment: a stamp for each level says that it is as new as pyproject.toml and constraints.txt --------

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Storyreel needs Python 3.11 or newer; $(PYTHON) is not. Name another one: make PYTHON=python3.12 run"; exit 1; }
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv

.venv/.base: pyproject.toml constraints.txt | $(PY)
	@echo "Installing Storyreel (once; the next start skips this)"
	@$(PIP) --no-compile --editable .  # a third less time; Python compiles what is imported
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | $(PY)
	@echo "Installing the tools of development"
	@$(PIP) --editable '.[dev]'
	@touch $@ .venv/.base

.venv/.full: pyproject.toml constraints.txt | $(PY)
	@echo "Installing everything: torch and the diffusion libraries, the tools of development"
	@$(PIP) --editable '.[dev,ltx]'
	@touch $@ .venv/.dev .venv/.base
