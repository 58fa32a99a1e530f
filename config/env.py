"""Typed readers of environment variables. Each refuses what it cannot read, naming the variable and the value."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.private_files import make_folder

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """Read text; an empty variable counts as not set."""
    return os.environ.get(name, "").strip() or default


def secret(name: str, default: str = "") -> str:
    """Read text that is nobody's business: from the variable, or from the file that NAME_FILE names."""
    given, file = text(name), text(f"{name}_FILE")
    if given and file:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not file:
        return given or default
    try:
        content = Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is no text"
        raise ImproperlyConfigured(f"{name}_FILE is {file}, which cannot be read: {reason}.") from None
    if not content:
        raise ImproperlyConfigured(f"{name}_FILE is {file}, which is empty.")
    return content


def flag(name: str, default: bool) -> bool:
    """Read a yes or no."""
    raw = text(name).lower()
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    if raw:
        raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no, on, off; got {raw!r}.")
    return default


def whole(name: str, default: int, *, low: int = 0, high: int = 2**63) -> int:
    """Read a whole number from `low` to `high`."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number; got {raw!r}.") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} must be from {low} to {high}; got {value}.")
    return value


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Read one of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}; got {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Read words separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str = "") -> list[IPv4Network | IPv6Network]:
    """Read addresses or networks separated by commas: 10.0.0.0/8, 192.0.2.1, ::1."""
    try:
        return [ip_network(word) for word in words(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be addresses or networks such as 10.0.0.0/8; {error}.") from None


def folder(name: str, default: Path, mode: int) -> Path:
    """Read an absolute folder and create it where it is missing; a relative one is taken from the working directory."""
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        make_folder(path, mode)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} is {path}, which cannot be made: {error.strerror}.") from None
    return path


def database(name: str, default: str) -> dict[str, Any]:
    """Read a database URL into Django's entry: SQLite or PostgreSQL, which the claims are tested on."""
    raw = secret(name, default)
    if urlsplit(raw).scheme not in ("sqlite", "postgres", "postgresql"):
        # the URL itself is not repeated: it may hold a password
        raise ImproperlyConfigured(f"{name} must be sqlite:///path or postgresql://user:password@host/name.")
    try:
        return dict(dj_database_url.parse(raw, conn_max_age=60, conn_health_checks=True))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}.") from None
