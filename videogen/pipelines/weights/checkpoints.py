"""Finding a checkpoint's files on this machine. Nothing here, or after it, opens the network."""

from pathlib import Path

from videogen.errors import GenerationError
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.weights import installed
from videogen.pipelines.weights.installed import INDEX


def locate(checkpoint: Checkpoint, model: str, index: str | None = INDEX) -> Path:
    """The folder with the checkpoint's files, of which `index` is one.

    A repository's folder is named by its commit, so the path says which revision it is. Raises
    GenerationError("model_unavailable") with what to do where the files are not here.
    """
    folder = installed.folder_of(checkpoint)
    if folder is None:
        if Path(checkpoint.source).expanduser().is_absolute():
            raise _unavailable(model, f"There is no folder {checkpoint.source}.")
        raise _unavailable(
            model, f"The files of {checkpoint} are not on this machine. Run “manage.py models download {model}” there."
        )
    if index and not (folder / index).is_file():
        raise _unavailable(model, f"{checkpoint} holds no {index}, so it is not a complete diffusers checkpoint.")
    return folder


def identity(folder: Path) -> str:
    """A text that changes when the files in `folder` are replaced: the path and the time of its index."""
    return f"{folder.resolve()}:{(folder / INDEX).stat().st_mtime_ns}"


def name_of(checkpoint: Checkpoint, folder: Path) -> str:
    """What the files in `folder` are known by: repository@commit, or the folder itself."""
    commit = installed.commit_of(folder)
    return f"{checkpoint.source}@{commit}" if commit else str(folder)


def unreadable(model: str, error: Exception) -> GenerationError:
    """The failure for files that are here but cannot be loaded."""
    return _unavailable(model, f"Its files could not be loaded ({type(error).__name__}). Verify them.")


def _unavailable(model: str, reason: str) -> GenerationError:
    return GenerationError("model_unavailable", model=model, reason=reason)
