"""Why a backup could not be made or put back."""


class BackupError(Exception):
    """A sentence that names the fault and what to do next."""
