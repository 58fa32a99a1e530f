"""The Dockerfile: what it copies is there, what it installs is what pyproject.toml names."""

import json
import re
import tomllib

import pytest

from tests.fixtures.composed import COPIES, SERVICES, STEPS, health_words, words
from tests.fixtures.tree import ROOT, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def stage(name: str) -> list[list[str]]:
    """The steps of one stage."""
    begin = next(i for i, (step, rest) in enumerate(STEPS) if step == "FROM" and rest.endswith(f" AS {name}"))
    end = next((i for i in range(begin + 1, len(STEPS)) if STEPS[i][0] == "FROM"), len(STEPS))
    return STEPS[begin:end]


def last(name: str, step: str) -> str:
    return [rest for kind, rest in stage(name) if kind == step][-1]


@pytest.mark.parametrize("source", [source for copy in COPIES for source in copy[:-1]])
def test_what_is_copied_is_there_and_reaches_the_builder(source: str):
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_every_package_of_the_program_is_copied():
    # Catches a new floor of the program that an image lacks.
    tracked = {path.relative_to(ROOT).parts[0] for path in files("*.py") if path.parent != ROOT}
    needed = tracked - {"tests", "benchmarks", "attacks", "docs", "examples", "deploy"} | {"static", "templates"}
    assert {source for copy in COPIES for source in copy[:-1] if (ROOT / source).is_dir()} == needed


@pytest.mark.parametrize(
    ("name", "extras"), [("web-packages", {"studio", "voices"}), ("worker-packages", {"studio", "ltx", "voices"})]
)
def test_what_is_installed_is_pinned_and_named_by_the_project(name: str, extras: set[str]):
    (install,) = [rest for step, rest in stage(name) if step == "RUN" and "pip install" in rest]
    match = re.fullmatch(r"python -m pip install --constraint constraints\.txt '\.\[([a-z,]+)\]'", install)
    assert match
    assert set(match[1].split(",")) == extras <= set(PROJECT["optional-dependencies"])
    assert (ROOT / PROJECT["readme"]).exists()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_an_image_runs_as_nobody_and_says_whether_it_lives(name: str):
    assert last(name, "USER") == SERVICES["web"]["user"]
    check = json.loads(re.search(r"CMD (\[.*\])", last(name, "HEALTHCHECK"))[1])
    assert check == health_words(SERVICES["web" if name == "web" else "videos"])
    assert json.loads(last(name, "CMD")) == words(SERVICES["web" if name == "web" else "videos"]["command"])


def test_the_folders_of_the_volumes_belong_to_the_user_of_the_image():
    # Catches a volume that belongs to root, in which nothing can be written.
    made = " ".join(rest for step, rest in stage("base") if step == "RUN")
    mounted = {volume.split(":")[1] for name in ("web", "gpu") for volume in SERVICES[name]["volumes"]}
    owned = set(re.findall(r"/var/lib/\S+", " ".join(re.findall(r"install -d -o 10001 -g 10001 [^&]+", made))))
    assert mounted <= owned


def test_the_images_run_the_python_that_the_versions_are_pinned_for():
    (base,) = [rest for step, rest in STEPS if step == "FROM" and rest.endswith(" AS base")]
    workflow = (ROOT / ".github/workflows/tests.yml").read_text()
    assert re.search(r"python:(3\.\d+)-", base)[1] in workflow


def test_the_user_of_the_image_may_read_what_was_copied():
    # Catches an image built from a checkout under umask 077: COPY keeps the modes, and root owns the files.
    steps = [step for step, _rest in stage("web")]
    opened = next(i for i, (step, rest) in enumerate(stage("web")) if step == "RUN" and "chmod -R a+rX ." in rest)
    assert max(i for i, step in enumerate(steps) if step == "COPY") < opened < steps.index("USER")
