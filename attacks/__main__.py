"""Try every attack and print a table: memory, seconds, statuses, verdict.

    python -m attacks                                              an instance of its own, for as long as it takes
    python -m attacks http://127.0.0.1:8000 --token TOKEN          one that runs; only what can be tried from outside

Exit status 1 where an attack succeeded. Attack only what is yours.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext

from attacks import doors, guests, intake, wire
from attacks.instance import own_instance
from attacks.result import Result, table
from attacks.target import NotHereError, Target

ATTACKS = (*guests.ATTACKS, *doors.ATTACKS, *intake.ATTACKS, *wire.ATTACKS)


def attempt(target: Target, attack: Callable[[Target], Result]) -> Result:
    """Run one attack; what it needs and does not get makes it untried."""
    name = attack.__name__.replace("_", " ")
    try:
        return attack(target)
    except NotHereError as reason:
        return Result(name, 0, None, Counter(), None, str(reason))


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m attacks", description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", help="http://host:port of an instance that runs")
    parser.add_argument("--token", help="an API token of somebody there, for what needs one")
    parser.add_argument("--only", help="a part of the name of the attacks to try")
    given = parser.parse_args()
    chosen = [attack for attack in ATTACKS if (given.only or "") in attack.__name__]
    tokens = {"": given.token} if given.token else {}
    began = time.monotonic()
    with nullcontext(Target(given.address, tokens=tokens)) if given.address else own_instance() as target:
        results = [attempt(target, attack) for attack in chosen]
    print(f"{len(results)} attacks in {time.monotonic() - began:.0f} s")
    return report(results)


def report(results: list[Result]) -> int:
    """Print the table. Returns the exit status: 1 where an attack succeeded, or nothing could be tried at all."""
    succeeded = sum(result.held is False for result in results)
    untried = sum(result.held is None for result in results)
    print(table(results))
    print(f"{succeeded} succeeded, {untried} could not be tried here")
    return int(bool(succeeded) or untried == len(results))


if __name__ == "__main__":
    sys.exit(main())
