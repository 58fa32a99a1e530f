"""`manage.py models`: list the models, download and verify their weights."""

import os
import shutil
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from videogen.pipelines import KINDS, MODELS, Choice, PipelineInfo, choice, chosen, loras, shortcuts
from videogen.pipelines.config import REVISIONS, Checkpoint
from videogen.pipelines.weights import installed, lora_file, verify
from videogen.pipelines.weights.progress import DownloadProgress, amount

COMPACT = "videogen.pipelines.weights.compact"
SPARE_BYTES = 2 * 10**9  # what a disk keeps free after a conversion
HUB = "videogen.pipelines.weights.hub"  # imported when something is downloaded or verified: it needs the extra ltx
INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended


class Command(BaseCommand):
    """Lists, downloads and verifies the weights."""

    help = "List the models, download the weights of one, or verify them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [model.name for kind in MODELS.values() for model in kind.values() if model.checkpoint]
        actions = parser.add_subparsers(dest="action", metavar="list | download | verify | compact")
        actions.add_parser("list", help="what is installed, how large it is, what it needs (the default)")
        download = actions.add_parser("download", help="fetch the weights; a second run goes on where it stopped")
        download.add_argument("model", choices=names)
        check = actions.add_parser("verify", help="check the files and their hashes")
        check.add_argument("model", choices=names)
        halve = actions.add_parser("compact", help="keep the text encoder in half the bytes, beside the download")
        halve.add_argument("model", choices=names)
        check.add_argument("--repair", action="store_true", help="fetch the files anew that are not as they should be")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] in (None, "list"):
            self._list()
            return
        model = next(kind[options["model"]] for kind in MODELS.values() if options["model"] in kind)
        checkpoint = choice.checkpoint_of(model)
        if checkpoint is None:
            raise CommandError(choice.files_problem(model))
        try:
            if options["action"] == "download":
                self._download(model, checkpoint)
            elif options["action"] == "compact":
                self._compact(checkpoint)
            else:
                self._verify(model, checkpoint, repair=options["repair"])
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run this again; what was fetched is kept.", returncode=INTERRUPTED) from None

    # --- list ---------------------------------------------------------------------------------------------------

    def _list(self) -> None:
        for makes, kind in MODELS.items():
            default = chosen(makes)
            self._say(f"{KINDS[makes]}: {default.model.label} is the default. {default.reason}")
            for model in kind.values():
                if choice.is_hidden(model):
                    continue
                self._say(self._line(model, default))
        self._loras()
        self._say(f"Computing on: {installed.gpu() or 'CPU'}.")
        if not choice.runnable_here():
            self._what_to_do()

    def _loras(self) -> None:
        """Say of each LoRA what it is, or why it cannot be used."""
        model = next(model for model in MODELS["video"].values() if model.uses("loras"))
        for offer in loras.offers(model):
            path = lora_file.path_of(offer.lora)
            size = f"{amount(path.stat().st_size)} of disk ({path})" if path else f"({offer.lora.source})"
            fits = f"LoRA “{offer.lora.name}” for {model.label}, strength {offer.lora.strength:g}; {size}"
            self._say(f"  {offer.problem or fits}")

    def _line(self, model: PipelineInfo, default: Choice) -> str:
        mark = "*" if model is default.model else " "
        if not model.checkpoint:
            return f"  {mark} {model.name:<17} runs here; needs {model.needs}"
        checkpoint = choice.checkpoint_of(model)
        folder = installed.folder_of(checkpoint) if checkpoint else None
        if checkpoint is None or folder is None or choice.files_problem(model):
            line = f"  {mark} {model.name:<17} not installed; needs {model.needs} ({checkpoint})"
            return f"{line}\n{'':<22}{choice.files_problem(model)}" if folder else line
        state = "runs here" if choice.problem(model) is None else "installed, does not run here"
        line = f"  {mark} {model.name:<17} {state}; {amount(verify.size_of(folder))} of disk ({checkpoint})"
        if inexact := shortcuts.wanted(model):
            line += f"\n{'':<22}not exact: {inexact}"
        if trouble := shortcuts.problem(model):
            line += f"\n{'':<22}{trouble}"
        if commit := installed.commit_of(folder):
            how = "pinned" if commit == checkpoint.revision else "until the next download"
            line += f"\n{'':<22}commit {commit}, {how}"
        return line

    def _what_to_do(self) -> None:
        """Two lines for a machine without weights."""
        first = next(model for model in MODELS["video"].values() if model.checkpoint)
        step = "“make install”, then " if installed.missing_libraries() else ""
        self._say(
            f"To film with {first.label}: {step}“manage.py models download {first.name}”, and a GPU; "
            "then restart Storyreel."
        )
        self._say("Until then the animatic makes the frames and the clips; nothing else has to be done.")

    # --- download -----------------------------------------------------------------------------------------------

    def _download(self, model: PipelineInfo, checkpoint: Checkpoint) -> None:
        if Path(checkpoint.source).expanduser().is_dir():
            raise CommandError(f"{model.name} is read from the folder {checkpoint.source}: nothing to download.")
        hub = self._hub()
        before = installed.folder_of(checkpoint)
        try:
            planned = hub.plan(checkpoint)
            folder = self._fetch(planned)
            hub.adopt(planned)
        except hub.DownloadError as error:
            raise CommandError(str(error)) from error
        if trouble := choice.files_problem(model):
            raise CommandError(trouble)
        self._say(f"{model.label} is in {folder}. Restart Storyreel to use it.")
        self._say_commit(REVISIONS[model.checkpoint], checkpoint, planned.commit)
        if before not in (None, folder):
            self._say(f"The files it had before are still in {before}.")

    def _fetch(self, planned: Any) -> Path:
        """Fetch what is missing and return the folder. Raises hub.DownloadError."""
        hub = self._hub()
        missing, total = planned.missing, planned.total
        if missing:
            self._say(f"{planned.checkpoint}: {amount(missing)} of {amount(total)} are to be fetched.")
        else:
            self._say(f"{planned.checkpoint}: all of its {amount(total)} are here; nothing is to be fetched.")
        hub.check_room(missing)
        progress = self._progress(total, total - missing)
        folder: Path = hub.fetch(planned, progress)
        if missing:
            self._say(f"Fetched {progress.summary()}.")
        return folder

    def _say_commit(self, setting: str, checkpoint: Checkpoint, commit: str) -> None:
        if checkpoint.revision == commit:
            self._say(f"Its commit is {commit}, as {setting} says.")
            return
        self._say(f"Its commit is {commit}. To have the same files on every machine, put this into its environment:")
        self._say(f"{setting}={commit}")

    # --- verify -------------------------------------------------------------------------------------------------

    def _verify(self, model: PipelineInfo, checkpoint: Checkpoint, *, repair: bool) -> None:
        folder = installed.folder_of(checkpoint)
        if folder is None:
            raise CommandError(choice.files_problem(model) or f"{checkpoint} is not here.")
        found = self._faults(checkpoint, folder)
        for name, wrong in found.items():
            self._say(f"{name} {wrong}.")
        if found and repair:
            self._repair(checkpoint, folder, list(found))
        elif found:
            raise CommandError(f"{_wrong(found, checkpoint)}. {_remedy(model, folder)}")
        how = "hashes and lengths" if verify.has_hashes(folder) else "lengths (a plain folder has no hashes)"
        self._say(f"{checkpoint} is complete: {how} of all files are right.")

    def _faults(self, checkpoint: Checkpoint, folder: Path) -> dict[str, str]:
        commit = installed.commit_of(folder)
        published = self._hub().published(checkpoint, commit) if commit else None
        progress = self._progress(verify.size_of(folder), 0)
        found = dict(verify.faults(folder, published, progress.advance))
        progress.close()
        return found

    def _repair(self, checkpoint: Checkpoint, folder: Path, names: list[str]) -> None:
        """Fetch files anew, at the commit they are of: a repair is no upgrade."""
        commit = installed.commit_of(folder)
        if commit is None:
            raise CommandError(_copy_again(folder))
        hub = self._hub()
        try:
            planned = hub.plan(Checkpoint(checkpoint.source, commit))
            hub.drop(planned, names)
            self._fetch(planned)
        except hub.DownloadError as error:
            raise CommandError(str(error)) from error
        if left := self._faults(checkpoint, folder):
            raise CommandError(f"{_wrong(left, checkpoint)}: {', '.join(left)}. Delete {folder} and download it anew.")

    # --- compact ------------------------------------------------------------------------------------------------

    def _compact(self, checkpoint: Checkpoint) -> None:
        folder = installed.folder_of(checkpoint)
        if folder is None:
            raise CommandError(f"{checkpoint} is not here.")
        self._hub()  # says what is not installed
        compact = import_module(COMPACT)
        parts = [part for part in compact.PARTS if compact.is_worth_it(folder, part)]
        if not parts:
            self._say(f"Nothing of {checkpoint} has weights of four bytes that are not converted yet.")
            return
        size = sum(path.stat().st_size for part in parts for path in installed.weights_of(folder, part))
        free = shutil.disk_usage(folder).free
        if free < size // 2 + SPARE_BYTES:
            raise CommandError(f"{amount(size // 2)} are needed and {folder} has {amount(free)} free.")
        progress = self._progress(size, 0)
        for part in parts:
            compact.convert(folder, part, progress.advance)
        progress.close()
        self._say(
            f"{', '.join(parts)}: {amount(size)} in {amount(size // 2)}, beside the download, which is unchanged."
        )

    # --- both ---------------------------------------------------------------------------------------------------

    def _say(self, line: str) -> None:
        """Write a line now: what comes next may take an hour."""
        self.stdout.write(line)
        self.stdout.flush()

    def _progress(self, total: int, here: int) -> DownloadProgress:
        def write(text: str) -> None:
            self.stdout.write(text, ending="")
            self.stdout.flush()

        terminal = self.stdout.isatty() and os.environ.get("TERM") != "dumb"
        return DownloadProgress(total, here, write, terminal=terminal)

    @staticmethod
    def _hub() -> Any:
        if lacking := installed.missing_libraries():
            raise CommandError(f"{', '.join(lacking)} is not installed. Run “make install”.")
        return import_module(HUB)


def _wrong(found: dict[str, str], checkpoint: Checkpoint) -> str:
    if len(found) == 1:
        return f"1 file of {checkpoint} is not as it should be"
    return f"{len(found)} files of {checkpoint} are not as they should be"


def _remedy(model: PipelineInfo, folder: Path) -> str:
    if installed.commit_of(folder):
        return f"Run “manage.py models verify {model.name} --repair”: it fetches what is wrong anew, and nothing else."
    return _copy_again(folder)


def _copy_again(folder: Path) -> str:
    return f"Copy them into {folder} again from where they came."
