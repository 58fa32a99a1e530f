"""The key that signs sessions and links: given, read from a file, or made once and kept in VAR_DIR."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

SHORTEST = 32  # characters; 128 bits where they are hexadecimal
FEWEST_DIFFERENT = 5


def read(given: str, file: str, var_dir: Path) -> str:
    """Return the key. Raises ImproperlyConfigured, without the key in the sentence."""
    if given and file:
        raise ImproperlyConfigured("Set SECRET_KEY or SECRET_KEY_FILE, not both.")
    if given:
        return _long_enough(given, "SECRET_KEY")
    if file:
        return _long_enough(_content(Path(file), "SECRET_KEY_FILE"), "SECRET_KEY_FILE")
    path = var_dir / "secret_key"
    if not path.exists():
        _make(path)
    key = _content(path, "The secret key")
    if not key:
        raise ImproperlyConfigured(f"{path} is empty: a start was interrupted. Remove it; the next start makes a key.")
    return _long_enough(key, str(path))


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; of several processes at once one does: a link replaces no file."""
    part = path.with_name(f"secret_key.{secrets.token_hex(8)}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(get_random_secret_key())
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        pass  # another process was first
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be made: {error.strerror}. Set SECRET_KEY.") from None
    finally:
        part.unlink(missing_ok=True)


def _content(path: Path, name: str) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is no text"
        raise ImproperlyConfigured(f"{name} is {path}, which cannot be read: {reason}.") from None


def _long_enough(key: str, name: str) -> str:
    if len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT:
        raise ImproperlyConfigured(
            f"{name} must hold at least {SHORTEST} characters, {FEWEST_DIFFERENT} of them different; "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))' prints one."
        )
    return key
