"""The queries of docs/monitoring.md and of deploy/prometheus/alerts.yaml."""

import re

import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.processor import REPOSITORY

ALERTS = REPOSITORY / "deploy/prometheus/alerts.yaml"


def page_queries() -> dict[str, str]:
    """The queries of the page's table, by what they show."""
    page = (REPOSITORY / "docs/monitoring.md").read_text()
    section = page.split("\n## Dashboards")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| ([^|]+) \| `(.+)` \|$", section, re.MULTILINE))


def alert_queries() -> dict[str, str]:
    """The expressions of the rules, by the names of the alerts."""
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    return {rule["alert"]: rule["expr"] for rule in rules}
