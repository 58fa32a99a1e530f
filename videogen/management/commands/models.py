"""`manage.py models`: which models there are, which run here, and how to get their weights."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from videogen.pipelines import MODELS, Choice, Model, choice, chosen, installed
from videogen.pipelines.config import Checkpoint, ModelSettings

KINDS = {"frame": "Frames", "video": "Clips"}
HUB = "videogen.pipelines.hub"  # imported when something is downloaded or verified: it needs the extra ltx


class Command(BaseCommand):
    """Lists, downloads and verifies the weights."""

    help = "List the models, download the weights of one, or verify them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [model.name for kind in MODELS.values() for model in kind.values() if model.checkpoint]
        actions = parser.add_subparsers(dest="action", metavar="list | download | verify")
        actions.add_parser("list", help="what is installed, how large it is, what it needs (the default)")
        download = actions.add_parser("download", help="fetch the weights; a second run goes on where it stopped")
        download.add_argument("model", choices=names)
        verify = actions.add_parser("verify", help="check the files and their hashes")
        verify.add_argument("model", choices=names)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] in (None, "list"):
            self._list()
            return
        model = next(kind[options["model"]] for kind in MODELS.values() if options["model"] in kind)
        checkpoint: Checkpoint = getattr(ModelSettings.read(), model.checkpoint)
        if options["action"] == "download":
            self._download(model, checkpoint)
        else:
            self._verify(model, checkpoint)

    def _list(self) -> None:
        for makes, kind in MODELS.items():
            default = chosen(makes)
            self.stdout.write(f"{KINDS[makes]}: {default.model.label} is the default. {default.reason}")
            for model in kind.values():
                self.stdout.write(self._line(model, default))
        self.stdout.write(f"Computing on: {installed.gpu() or 'CPU'}.")
        if not choice.runnable_here():
            self._what_to_do()

    def _line(self, model: Model, default: Choice) -> str:
        mark = "*" if model is default.model else " "
        if not model.checkpoint:
            return f"  {mark} {model.name:<17} runs here; needs {model.needs}"
        checkpoint = getattr(ModelSettings.read(), model.checkpoint)
        folder = installed.folder_of(checkpoint)
        if folder is None or choice.files_problem(model):
            return f"  {mark} {model.name:<17} not installed; needs {model.needs} ({checkpoint})"
        state = "runs here" if choice.problem(model) is None else "installed, does not run here"
        return f"  {mark} {model.name:<17} {state}; {_size(folder)} of disk ({checkpoint})"

    def _what_to_do(self) -> None:
        """Two lines for a machine without weights."""
        first = next(model for model in MODELS["video"].values() if model.checkpoint)
        step = "“make install”, then " if installed.missing_libraries() else ""
        self.stdout.write(
            f"To film with {first.label}: {step}“manage.py models download {first.name}”, and a GPU; "
            "then restart Storyreel."
        )
        self.stdout.write("Until then the animatic makes the frames and the clips; nothing else has to be done.")

    def _download(self, model: Model, checkpoint: Checkpoint) -> None:
        if Path(checkpoint.source).expanduser().is_dir():
            raise CommandError(f"{model.name} is read from the folder {checkpoint.source}: nothing to download.")
        hub = self._hub()
        try:
            plan = hub("plan")(checkpoint)
            self.stdout.write(f"{checkpoint}: {_amount(plan.missing)} of {_amount(plan.total)} are to be fetched.")
            hub("check_room")(plan.missing)
            folder = hub("fetch")(checkpoint)
        except hub("DownloadError") as error:
            raise CommandError(str(error)) from error
        if trouble := choice.files_problem(model):
            raise CommandError(trouble)
        self.stdout.write(f"{model.label} is in {folder}. Restart Storyreel to use it.")

    def _verify(self, model: Model, checkpoint: Checkpoint) -> None:
        folder = installed.folder_of(checkpoint)
        if folder is None:
            raise CommandError(choice.files_problem(model) or f"{checkpoint} is not here.")
        hub = self._hub()
        found = list(hub("faults")(folder))
        for name, wrong in found:
            self.stdout.write(f"{name} {wrong}.")
        if found:
            advice = f"Delete them and run “manage.py models download {model.name}”."
            raise CommandError(f"{len(found)} files of {checkpoint} are not as they should be. {advice}")
        how = "hashes and lengths" if hub("has_hashes")(folder) else "lengths (a plain folder has no hashes)"
        self.stdout.write(f"{checkpoint} is complete: {how} of all files are right.")

    @staticmethod
    def _hub() -> Any:
        if lacking := installed.missing_libraries():
            raise CommandError(f"{', '.join(lacking)} is not installed. Run “make install”.")
        return lambda name: import_string(f"{HUB}.{name}")


def _size(folder: Path) -> str:
    return _amount(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


def _amount(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.1f} MB"
