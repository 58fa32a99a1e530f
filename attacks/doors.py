"""Attacks on who gets in: files, links, passwords, tokens."""

from collections.abc import Callable

from attacks.result import Result
from attacks.target import Target

ATTACKS: tuple[Callable[[Target], Result], ...] = ()
