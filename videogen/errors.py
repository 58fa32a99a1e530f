"""Errors of actions and of generations, with the sentences people read."""

import errno
from collections.abc import Mapping

from django.db import OperationalError

from scenes.wording import shown as shown  # for the sentences of errors

# code -> sentence with {placeholders}
SENTENCES: Mapping[str, str] = {
    "out_of_memory": "The device ran out of memory at {asked}. {fits}",
    "crash_loop": (
        "The worker was lost {attempts} times while making this. "
        "Ask the operator to look at the worker's log, then try again."
    ),
    "disk_full": "The disk of the worker is full. Ask the operator to free space, then try again.",
    "not_allowed": "The right to generate on this block was taken away before the work began.",
    "start_frame_missing": "The start frame was deleted before the work began. Choose a start frame and try again.",
    "frame_not_made": "The frame that it waited for was not made, so it was not either. Make that frame, then this.",
    "frame_deleted": "A frame of this clip was deleted before the work began. Choose the frames and try again.",
    "over_limits": "The limits of this installation changed before the work began. {reason}",
    "frame_unreadable": "A frame's file could not be read. Make or upload the frame again.",
    "model_unavailable": "The model {model} is not available on the worker. {reason}",
    "prompt_too_long": (
        "The prompt is {tokens} tokens long and the model reads {limit}. Shorten the prompt or the negative prompt."
    ),
    "stalled": "The worker stopped making progress while {phase}. Try again; if it repeats, choose a smaller size.",
    "encode_failed": "The finished pictures could not be written as a video file. Try again.",
    "optimizer_unavailable": "Optimize Prompt is not set up on the worker. {reason} Your text is unchanged.",
    "llm_unreachable": (
        "The language model could not be reached. Your text is unchanged: generate with it, or try again later."
    ),
    "llm_slow": (
        "The language model did not answer within {seconds} s. "
        "Your text is unchanged: generate with it, or try again later."
    ),
    "llm_busy": "The language model is busy. Your text is unchanged: try again in a minute, or generate with it.",
    "llm_failed": (
        "The language model’s server failed (HTTP {status}). "
        "Your text is unchanged: generate with it, or try again later."
    ),
    "llm_refused_call": (
        "The language model’s server did not accept the request (HTTP {status}). "
        "Your text is unchanged. Ask the operator to check the PROMPT_LLM settings."
    ),
    "llm_unreadable": "The language model’s answer could not be read. Your text is unchanged: try again, or edit it.",
    "rewrite_empty": "The language model gave back nothing. Your text is unchanged: try again, or edit it.",
    "rewrite_refused": "The language model declined to rewrite this. Your text is unchanged.",
    "rewrite_cut_off": "The language model stopped in the middle of a sentence. Your text is unchanged: try again.",
    "rewrite_repeats": "The language model repeated itself instead of rewriting. Your text is unchanged: try again.",
    "rewrite_too_long": "The rewritten prompt is longer than {limit} characters. Your text is unchanged: try again.",
    "rewrite_markup": "The rewritten prompt held markup instead of plain sentences. Your text is unchanged: try again.",
    "rewrite_lost_line": "The rewritten prompt lost or changed the spoken line “{line}”. Your text is unchanged.",
    "rewrite_new_line": "The rewritten prompt put words in quotes that nobody wrote: “{line}”. Your text is unchanged.",
    "rewrite_language": "The rewritten prompt is in another language than yours. Your text is unchanged: try again.",
    "export_not_allowed": "You may no longer see all that was to be exported. Ask the owner of the film.",
    "clip_missing": (
        "A file of {shot} was deleted before it could be exported. Make the clip or frame again, then export again."
    ),
    "clip_unreadable": "A file of {shot} cannot be read. Make the clip or frame again, then export again.",
    "storage_closed": "The finished file could not be kept. Ask the operator to look at the disk, then try again.",
    "internal": "Something went wrong on our side while making this. Nothing you typed is lost; try again.",
}


class ActionError(Exception):
    """An action cannot be done now. `code` is for programs, the message for people."""

    code = "conflict"


class GenerationError(Exception):
    """A failure with a known cause: `code` is a key of SENTENCES, `details` fills its placeholders."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def means_full_disk(error: BaseException) -> bool:
    """Whether a write failed for want of space, of a file or of the database."""
    if isinstance(error, OperationalError):
        return any(words in str(error) for words in ("disk is full", "No space left on device"))  # SQLite, PostgreSQL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


# What writing meets where a disk, a share or a bucket is closed or away as a whole: the next file fares no better.
_CLOSED = {
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO),
    *(errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.ETIMEDOUT),
}


class StorageAwayError(OSError):
    """The bucket does not answer, or answers that it cannot."""


def means_closed_storage(error: BaseException) -> bool:
    """Whether a write failed for a reason that lies with the place and not with the file."""
    return isinstance(error, StorageAwayError) or (isinstance(error, OSError) and error.errno in _CLOSED)


class Cancelled(Exception):  # noqa: N818  (a request obeyed, not an error)
    """Raised by a progress callback: the person asked to stop, or the row is no longer ours."""


class Interrupted(Exception):  # noqa: N818
    """Raised by a progress callback: the worker is shutting down and the row goes back to the queue."""


class _Unknown(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def sentence(code: str, details: Mapping[str, object] | None = None) -> str:
    """Return the sentence a person reads for a failure `code`; an unknown code reads as "internal"."""
    template = SENTENCES.get(code, SENTENCES["internal"])
    return template.format_map(_Unknown(details or {})).strip()
