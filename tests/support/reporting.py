"""What tests report for the summary at the end of a run.

It travels with their reports, for they may have run in another process.
"""

from typing import Any

import pytest


def reported(terminalreporter: pytest.TerminalReporter, kind: str) -> list[Any]:
    """What has been reported of this kind, in the order of the tests' ends."""
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    found = (
        report
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
    )
    return [value for report in found for name, value in report.user_properties if name == kind]
