"""Attacks on the connection: requests that are sent slowly, or are no requests."""

from collections.abc import Callable

from attacks.result import Result
from attacks.target import Target

ATTACKS: tuple[Callable[[Target], Result], ...] = ()
