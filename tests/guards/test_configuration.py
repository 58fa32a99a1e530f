"""A wrong setting is a system check with an id and a hint, and each check is shown failing."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.fixtures.tree import ROOT


def found_ids(**options: bool) -> list[str]:
    return [message.id for message in run_checks(**options)]


def environment(**changes: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | changes


def manage(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment(**changes), capture_output=True, text=True
    )


def test_the_configuration_of_the_tests_has_nothing_to_complain_about():
    assert found_ids() == []


@pytest.mark.parametrize(
    ("name", "value", "identity"),
    [
        ("VAR_DIR", Path("/nowhere/at/all"), "storyreel.E002"),
        ("REDIS_URL", "amqp://guest@localhost", "storyreel.E003"),
        ("LEASE_SECONDS", 15, "storyreel.E004"),
        ("PUBLIC_URL", "storyreel.example.org/studio", "storyreel.E005"),
    ],
)
def test_a_wrong_setting_is_found_by_its_check(settings, name, value, identity):
    setattr(settings, name, value)
    assert found_ids() == [identity]


@pytest.mark.parametrize(("name", "value"), [("LTX_SKIP_STEP", 1), ("LTX_FP8", "dynamic")])
def test_what_makes_clips_faster_does_not_go_with_streamed_weights(settings, name, value):
    # Catches a setting that is silently without effect.
    settings.MEMORY_MODE = "low"
    setattr(settings, name, value)
    assert found_ids() == ["storyreel.E011"]


@pytest.mark.parametrize(
    ("url", "lacks"),
    [
        ("redis://broker.example.org:6379/0", "no password and no TLS"),
        ("redis://:secret@10.0.0.7:6379/0", "no TLS"),
        ("rediss://broker.example.org:6379/0", "no password"),
    ],
)
def test_a_redis_elsewhere_without_password_or_tls_is_a_warning(settings, url, lacks):
    # Catches workers that anybody on the network can wake and stall.
    settings.REDIS_URL = url
    (message,) = run_checks()
    assert message.id == "storyreel.W003"
    assert f"is reached with {lacks}:" in message.msg
    assert "secret" not in message.msg


@pytest.mark.parametrize(
    "url",
    [
        "rediss://:secret@broker.example.org:6379/0",
        "redis://localhost:6379/0",
        "redis://127.0.0.1/0",
        "redis://[::1]/0",
        "redis+socket:///run/redis.sock",
    ],
)
def test_a_redis_that_is_closed_or_of_this_machine_is_nothing_to_complain_about(settings, url):
    settings.REDIS_URL = url
    assert found_ids() == []


def test_a_bucket_that_can_be_used_is_nothing_to_complain_about(bucket):
    assert found_ids() == []


@pytest.mark.parametrize(
    ("name", "value", "identity"),
    [
        ("X_ACCEL_REDIRECT", "/protected/", "storyreel.E009"),
        ("S3_ENDPOINT_URL", "storage.example.org", "storyreel.E009"),
        ("PUBLIC_URL", "https://storyreel.example.org", "storyreel.W002"),
    ],
)
def test_a_setting_that_goes_ill_with_a_bucket_is_found(bucket, settings, name, value, identity):
    # Catches pages that fail, or show no picture, only once somebody looks at them.
    setattr(settings, name, value)
    settings.STORAGES = dict(settings.STORAGES)  # the storage is made anew
    assert found_ids() == [identity]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("hooks.example.org/a", ["storyreel.E012"]),
        ("file:///etc/passwd", ["storyreel.E012"]),
        ("http://[::1]:80/a", []),
    ],
)
def test_an_address_that_no_webhook_can_have_is_found(settings, url, found):
    # Catches messages that are tried for three days and given up, for want of a scheme.
    settings.WEBHOOK_URL = url
    assert found_ids() == found


def test_unencrypted_links_are_a_warning_for_a_deployment_only(settings):
    settings.PUBLIC_URL = "http://storyreel.example.org"
    assert "storyreel.W001" in found_ids(include_deployment_checks=True)
    assert found_ids() == []


@pytest.mark.parametrize(
    ("name", "value", "identity"),
    [
        ("ALLOWED_HOSTS", ["*"], "storyreel.W004"),
        ("PROMPT_LLM_URL", "http://llm.example.org:11434/v1", "storyreel.W005"),
        ("REDIS_URL", "redis://:secret@broker.example.org:6379/0", "storyreel.W003"),
    ],
)
def test_what_an_open_network_could_use_is_told_by_check_deploy(settings, name, value, identity):
    # Catches a deployment that the checks call clean, with its messages, prompts or names open to the network.
    settings.PROMPT_LLM_MODEL = "qwen3:8b"
    before = found_ids(include_deployment_checks=True)
    setattr(settings, name, value)
    assert set(found_ids(include_deployment_checks=True)) - set(before) == {identity}


@pytest.mark.parametrize("url", ["", "https://llm.example.org/v1", "http://localhost:11434/v1", "http://[::1]:80/v1"])
def test_a_language_model_by_https_or_on_this_machine_is_nothing_to_complain_about(settings, url):
    settings.PROMPT_LLM_URL, settings.PROMPT_LLM_MODEL = url, "qwen3:8b"
    assert "storyreel.W005" not in found_ids(include_deployment_checks=True)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        *((name, ["storyreel.W010"]) for name in ("0.0.0.0", "::", "192.0.2.1", "studio.example.org")),
        *((name, []) for name in ("127.0.0.1", "127.0.0.2", "::1", "localhost")),
    ],
)
def test_a_host_beyond_this_machine_warns_unless_a_proxy_with_tls_is_in_front(settings, host, found):
    settings.HOST = host
    assert found_ids() == found
    settings.BEHIND_TLS = True
    assert found_ids() == []


def test_a_deployment_behind_tls_has_nothing_to_complain_about(tmp_path):
    result = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        BEHIND_TLS="1",
        PUBLIC_URL="https://storyreel.example.org",
        SECRET_KEY="the-quick-brown-fox-jumps-over-the-lazy-dog-0123456789-AB",
        VAR_DIR=str(tmp_path),
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT must be a whole number; got 'eighty'."),
        ({"PORT": "70000"}, "PORT must be from 1 to 65535; got 70000."),
        (
            {"DATABASE_URL": "oracle://h/n"},
            "DATABASE_URL must be sqlite:///path or postgresql://user:password@host/name.",
        ),
        ({"DEBUG": "maybe"}, "DEBUG must be one of 1, 0, true, false, yes, no, on, off; got 'maybe'."),
        (
            {"TRUSTED_PROXIES": "10.0.0.1/8"},
            "TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8; 10.0.0.1/8 has host bits set.",
        ),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING; got 'loud'."),
    ],
)
def test_junk_in_the_environment_is_refused_in_one_sentence(tmp_path, monkeypatch, changes, sentence):
    for name, value in (changes | {"VAR_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        runpy.run_path(str(ROOT / "config/settings.py"))  # a process for each would take half a second
    assert str(refused.value) == sentence


def test_a_program_that_does_not_start_for_junk_says_so_in_one_line(tmp_path):
    result = manage("check", VAR_DIR=str(tmp_path), PORT="eighty")
    assert result.returncode == 1
    assert result.stderr == "Configuration: PORT must be a whole number; got 'eighty'.\n"


def test_every_setting_is_in_the_table_of_the_readme():
    source = (ROOT / "config/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source))
    readme = (ROOT / "README.md").read_text()
    cells = re.findall(r"^\|(\s*`[A-Z0-9_]+`[^|]*)\|", readme, re.MULTILINE)
    documented = {name for cell in cells for name in re.findall(r"`([A-Z0-9_]+)`", cell)}
    assert {"VAR_DIR", "DATABASE_URL"} <= read
    assert read - documented == set(), "settings that the README's table lacks"
    assert documented - read == set(), "settings in the README's table that nothing reads"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "DATABASE_URL_FILE is {}, which cannot be read: No such file or directory."),
        ("", "DATABASE_URL_FILE is {}, which is empty."),
        ("oracle://h/n", "DATABASE_URL must be sqlite:///path or postgresql://user:password@host/name."),
    ],
    ids=["missing", "empty", "junk"],
)
def test_a_file_with_a_secret_that_is_none_is_refused_in_a_sentence(monkeypatch, tmp_path, content, sentence):
    file = tmp_path / "url"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("DATABASE_URL_FILE", str(file))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured) as refused:
        env.database("DATABASE_URL", "sqlite:///default")
    assert str(refused.value) == sentence.format(file)


def test_a_secret_is_given_or_in_a_file_but_not_both(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("rediss://:secret@host\n")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "url"))
    assert env.secret("REDIS_URL", "default") == "rediss://:secret@host"
    monkeypatch.setenv("REDIS_URL", "redis://other")
    with pytest.raises(ImproperlyConfigured, match=r"^Set REDIS_URL or REDIS_URL_FILE, not both\.$"):
        env.secret("REDIS_URL")


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs all tests")
@pytest.mark.xdist_group("guard")
def test_tests_of_a_group_stay_in_one_process(request):
    # Catches a pytest that pytest-xdist does not know: each process then starts servers that one start would do for.
    assert request.node.nodeid.endswith("@guard")
