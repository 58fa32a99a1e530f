"""A pytest plugin that writes how each test ended to the file that FAULTS_REPORT names."""

import json
import os
import re
from pathlib import Path

import pytest

GROUP = re.compile(r"@\w+$")  # what xdist adds to the name of a test of a group


class Report:
    """The worst that was heard of each test."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ends: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = GROUP.sub("", report.nodeid)
        if report.failed:
            self._ends[test] = "failed"
        elif report.skipped or report.when == "call":
            self._ends.setdefault(test, report.outcome)

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps(self._ends))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report(Path(os.environ["FAULTS_REPORT"])))
