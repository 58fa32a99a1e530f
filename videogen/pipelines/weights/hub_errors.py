"""What can go wrong with a model hub, in words that say what to do."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed, transfer


class DownloadError(Exception):
    """A download that cannot be. The message says what to do."""


def endpoint() -> str:
    """Return the address of the hub."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT


@contextmanager
def explained(checkpoint: Checkpoint) -> Iterator[None]:
    """What goes wrong with the hub or the disk becomes a DownloadError."""
    try:
        yield
    except transfer.DamagedError as error:
        raise DownloadError(
            f"{error} came twice and was not what was published. Run this again; if it stays so, a proxy between this "
            "machine and the hub changes what passes through it."
        ) from error
    except (httpx2.HTTPError, HFValidationError, json.JSONDecodeError, OSError) as error:
        # huggingface_hub looks for what is here where it cannot ask, and tells of the question second.
        cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
        raise DownloadError(_advice(cause, checkpoint)) from error


def _advice(error: BaseException | None, checkpoint: Checkpoint) -> str:
    """What went wrong and what to do about it."""
    source = checkpoint.source
    match error:
        case GatedRepoError():
            page = f"{endpoint()}/{source}"
            return (
                f"{source} is given only to people who accepted its terms. Sign in at {page}, accept them, make a "
                "token under Settings, Access Tokens, and run this again with HF_TOKEN set to it."
            )
        case RevisionNotFoundError():
            return f"{source} has no revision {checkpoint.revision}. Correct the setting that names it."
        case RemoteEntryNotFoundError():
            return f"{source} holds no {installed.INDEX}, so it is not a diffusers checkpoint. Name another one."
        case RepositoryNotFoundError() | HFValidationError():
            return f"There is neither a folder nor a repository {source}. (A private one needs HF_TOKEN.)"
        case HfHubHTTPError():
            return _refusal(error.response.status_code)
        case json.JSONDecodeError():
            return f"What answers at {endpoint()} is not a model hub. Sign in to this network, or correct HF_ENDPOINT."
        case OfflineModeIsEnabled():
            return "HF_HUB_OFFLINE forbids to ask the model hub. Unset it and run this again."
        case OSError() if not isinstance(error, httpx2.HTTPError | ConnectionError):
            return f"The files cannot be kept in {installed.hub_cache()}: {error.strerror or error}."
    return (
        "The model hub cannot be reached from this machine. Run this again with a network: what was fetched is kept. "
        "Or copy the checkpoint's folder here from another machine and name it in the setting."
    )


def _refusal(status: int) -> str:
    if status in (401, 403):
        return (
            f"The model hub does not take the token of this machine ({status}). Make a new one and set HF_TOKEN to it."
        )
    if status == 429:
        return "The model hub has had enough questions from here (429). Run this again in some minutes."
    return f"The model hub answered with the error {status}. Run this again later; it goes on where it stopped."
