"""Attacks by what comes in: pictures, JSON, answers of models."""

from collections.abc import Callable

from attacks.result import Result
from attacks.target import Target

ATTACKS: tuple[Callable[[Target], Result], ...] = ()
