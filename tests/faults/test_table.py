"""The table of faults: each row has tests that are there, and nothing but a pass counts as one."""

import re

import pytest

from tests.faults.__main__ import result
from tests.faults.table import FAULTS, POINT_IN_WORDS, markdown
from tests.fixtures.tree import ROOT
from videogen.failpoints import POINTS

NAMED = sorted({test for fault in FAULTS for test in fault.tests})


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_table_names_is_there(name):
    # Catches a row that stays green because its test was renamed.
    path, _, test = name.partition("::")
    text = (ROOT / path).read_text()
    assert not test or re.search(rf"^def {test.partition('[')[0]}\(", text, re.MULTILINE)


def test_every_test_of_faults_is_in_the_table():
    # Catches a fault that is tested and that nobody is told of.
    there = [
        f"tests/faults/{path.name}::{test}"
        for path in (ROOT / "tests/faults").glob("test_*.py")
        for test in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE)
        if path.name != "test_table.py"
    ]
    told = tuple(name.partition("[")[0] for name in NAMED)
    assert sorted(name for name in there if not name.startswith(told)) == sorted(ORDINARY)


# What a worker does when nothing is broken, or when a person or a pipeline is wrong.
ORDINARY = [
    "tests/faults/test_batches.py::test_after_fifty_of_one_person_the_one_job_of_another_is_made_next",
    "tests/faults/test_kills.py::test_nothing_is_reached_where_nobody_asked_for_it",
    *(
        f"tests/faults/test_worker.py::test_{name}"
        for name in (
            "a_frame_and_a_video_are_made_by_a_worker",
            "a_job_that_waited_while_the_limits_were_lowered_ends_with_a_sentence",
            "a_killed_process_is_replaced_and_its_job_finishes_under_a_new_attempt",
            "a_known_failure_says_what_to_do",
            "an_unknown_failure_is_one_sentence_for_people_and_one_traceback_in_the_log",
            "the_same_spec_and_seed_give_the_same_bytes",
            "what_a_killed_job_left_on_the_disk_goes_before_the_next_job_once_it_is_old",
        )
    ),
]


def test_the_manual_shows_the_table():
    assert "\n".join(markdown()) in (ROOT / "docs/operations.md").read_text(), "python -m tests.faults --markdown"


def test_every_point_has_its_words():
    assert tuple(POINT_IN_WORDS) == POINTS


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"a.py::x": "passed", "b.py::y[1]": "passed", "b.py::y[2]": "passed"}, "held (3)"),
        ({"a.py::x": "passed", "b.py::y[1]": "failed", "b.py::y[2]": "passed"}, "FAILED"),
        ({"a.py::x": "passed"}, "NOT RUN"),
        ({"a.py::x": "skipped", "b.py::y[1]": "skipped"}, "NOT RUN"),
        ({}, "NOT RUN"),
    ],
)
def test_only_tests_that_ran_and_passed_make_a_row_hold(ends, said):
    # Catches a table that is green because nothing was run.
    assert result(("a.py::x", "b.py::y"), ends) == said
