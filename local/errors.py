"""The error of a run that cannot start or go on."""


class CannotRunError(Exception):
    """The reason, as a sentence for the person at the terminal."""
