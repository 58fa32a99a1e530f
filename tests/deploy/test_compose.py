"""compose.yaml: who may what, and that everything it names is there."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.composed import COMPOSE, OURS, SERVICES, words
from tests.fixtures.tree import ROOT

LIBRARIES = {"PGCONNECT_TIMEOUT", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def volumes_of(service: dict) -> list[list[str]]:
    return [volume.split(":") for volume in service.get("volumes", [])]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_that_it_does_not_need(name: str):
    # Catches a container whose intruder is root, or may change the program.
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & service.keys()
    assert not any("docker.sock" in part for volume in volumes_of(service) for part in volume)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_started_again_watched_and_its_log_is_bounded(name: str):
    service = SERVICES[name]
    once = name == "prepare"
    assert service["restart"] == ("no" if once else "unless-stopped")
    assert ("test" in service["healthcheck"]) is not once
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert re.search(r":\d", service["image"]) or service["image"].startswith("storyreel-")  # a version, never latest


def test_only_nginx_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if service["networks"] == ["data"]} == {"database", "valkey"}
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert subnet["subnet"] == SERVICES["web"]["environment"]["TRUSTED_PROXIES"]


def test_every_volume_secret_and_service_that_is_named_is_there_and_used():
    used = {source for service in SERVICES.values() for source, *_ in volumes_of(service) if not source.startswith(".")}
    assert used == set(COMPOSE["volumes"])
    assert {secret for service in SERVICES.values() for secret in service.get("secrets", [])} == set(COMPOSE["secrets"])
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            healthy = "test" in SERVICES[other]["healthcheck"]
            assert how["condition"] == ("service_healthy" if healthy else "service_completed_successfully")
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_every_variable_is_one_that_something_reads():
    # Catches a setting that is misspelt, which nobody would notice.
    settings = (ROOT / "config/settings.py").read_text()
    files = (ROOT / "config/env.py").read_text()
    for variable in SERVICES["web"]["environment"]:
        name = variable.removesuffix("_FILE")
        assert variable in LIBRARIES or f'"{name}"' in settings, variable
    assert "{name}_FILE" in files


def test_every_queue_has_a_worker_with_and_without_a_gpu():
    queues = {
        name: set(re.findall(r"--queues (\S+)", " ".join(words(SERVICES[name].get("command", []))))) for name in OURS
    }
    served = {
        profile: {
            queue
            for name, found in queues.items()
            if SERVICES[name].get("profiles", [profile]) == [profile]
            for line in found
            for queue in line.split(",")
        }
        for profile in ("cpu", "gpu")
    }
    assert served["cpu"] == served["gpu"] == {"frames", "videos", "prompts", "exports", "sweep"}
    assert [name for name in OURS if " beat " in f" {' '.join(words(SERVICES[name]['command']))} "] == ["beat"]


@pytest.mark.parametrize("name", [name for name in OURS if "worker" in words(SERVICES[name]["command"])])
def test_a_worker_has_the_time_to_put_its_job_back(name: str):
    grace = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert grace > int(SERVICES[name]["environment"]["WORKER_STOP_SECONDS"]) + 15


def test_secrets_are_made_once_and_kept(tmp_path: Path):
    # Catches a second call that locks everybody out of the database.
    folder = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run([ROOT / "deploy/make-secrets", folder], check=True)
        made = {path.name: path.read_text() for path in folder.iterdir()}
        assert set(COMPOSE["secrets"]) <= set(made)
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert len(set(made.values())) == len(made)
    before = made
    (folder / "redis_url").unlink()
    subprocess.run([ROOT / "deploy/make-secrets", folder], check=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    for secret in COMPOSE["secrets"].values():
        assert Path(secret["file"]).parent == Path("deploy/secrets")
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
