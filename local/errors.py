"""Why there is no run."""


class CannotRunError(Exception):
    """The reason, as a sentence for the person at the terminal."""
