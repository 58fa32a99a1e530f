"""What `make attack` says, and with which exit status."""

from collections import Counter

import pytest

from attacks.__main__ import ATTACKS, attempt, report
from attacks.result import Result
from attacks.target import Target


def result(held: bool | None) -> Result:
    return Result("an attack", 1.25, 12.6, Counter({200: 3, 429: 1}), held, "what was seen")


@pytest.mark.parametrize(
    ("verdicts", "status"), [([True, None], 0), ([True, False], 1), ([False], 1), ([None], 1), ([], 1)]
)
def test_an_attack_that_succeeds_is_an_exit_status_and_so_is_nothing_tried(verdicts, status, capsys):
    assert report([result(held) for held in verdicts]) == status


def test_a_line_has_memory_seconds_statuses_and_a_verdict(capsys):
    report([result(False)])
    line = capsys.readouterr().out.splitlines()[1]
    assert " ".join(line.split()) == "an attack 1.2 13 3 x 200, 1 x 429 SUCCEEDED what was seen"


def test_what_an_attack_needs_and_does_not_get_makes_it_untried():
    # From outside there is no folder to look into; that is no success of the defence.
    elsewhere = Target("http://127.0.0.1:9")
    files = next(attack for attack in ATTACKS if attack.__name__ == "files_read_by_others")
    tried = attempt(elsewhere, files)
    assert (tried.held, tried.words) == (None, "the folder of the instance is not here")
