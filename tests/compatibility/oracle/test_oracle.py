"""Our settings beside Spring Boot's own reading of the same inputs."""

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import config
from config.settings import Settings, properties
from tests.compatibility.oracle.cases import Case, cases
from tests.compatibility.oracle.documents import document_case, without_random_part
from tests.compatibility.oracle.scalars import AS_NAME, WRITTEN, plain_double, random_scalar
from tests.compatibility.oracle.spring import Spring, expected
from tests.compatibility.oracle.written import AGREED, REFUSED
from tests.support.config.captured import NAMES, captured
from tests.support.spring import GENERATIONS

DOCUMENTS = int(os.environ.get("ORACLE_DOCUMENTS", "200"))
SCALARS = int(os.environ.get("ORACLE_SCALARS", "300"))


@pytest.fixture(scope="session", params=GENERATIONS)
def spring(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Spring]:
    with Spring(tmp_path_factory.mktemp("oracle"), request.param) as started:
        yield started


def check_agreement(spring: Spring, folder: Path, case: Case) -> bool:
    """Both bind the same (True), or both refuse (False).

    `folder` is the working directory of both.
    """
    case.write(folder)
    answer = spring.ask(case.argv, case.environ, folder)
    with contextlib.chdir(folder):
        if answer.failure or answer.refused:
            with pytest.raises(config.SettingsError):
                config.load(case.argv, case.environ)
            return False
        found = config.load(case.argv, case.environ)
    ours = {field: getattr(found, field) for field in properties()}
    theirs = {field: getattr(Settings(), field) for field in properties()} | expected(answer)
    theirs["batch_size"] = found.batch_size  # which a Kafka property may set as well
    # Its default name is no topic name: a warning says so.
    if found.enable_dlq is False and theirs["enable_dlq"] is None:
        theirs["enable_dlq"] = False
    assert _comparable(ours) == _comparable(theirs)
    return True


def _comparable(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out random parts of the maps, and how Java before 19 writes a double."""
    return {field: _plain(value) for field, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {plain_double(key): _plain(each) for key, each in value.items()}
    return plain_double(without_random_part(value)) if isinstance(value, str) else value


@pytest.mark.parametrize("name", NAMES)
def test_captured_settings_agree(spring: Spring, tmp_path: Path, name: str) -> None:
    assert check_agreement(spring, tmp_path, Case(*captured(name)))


@pytest.mark.parametrize("name", AGREED)
def test_written_inputs_agree(spring: Spring, tmp_path: Path, name: str) -> None:
    assert check_agreement(spring, tmp_path, AGREED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_refused_inputs_agree(spring: Spring, tmp_path: Path, name: str) -> None:
    assert not check_agreement(spring, tmp_path, REFUSED[name])


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases)
def test_generated_inputs_agree(spring: Spring, tmp_path: Path, case: Case) -> None:
    check_agreement(spring, tmp_path, case)


@pytest.mark.parametrize("part", range(4))
def test_generated_documents_agree(spring: Spring, tmp_path: Path, part: int) -> None:
    """Conditions, profiles, imports, lists, maps and placeholders in files.

    DOCUMENTS in all for each generation.
    """
    share = DOCUMENTS // 4
    for seed in range(part * share, (part + 1) * share):
        folder = tmp_path / str(seed)
        folder.mkdir()
        case = document_case(random.Random(seed), encodings=spring.generation >= "4")  # noqa: S311 - the same each time
        check_agreement(spring, folder, case)


def test_bare_scalars_agree(spring: Spring, tmp_path: Path) -> None:
    """Each as a value, and most as a name."""
    source = random.Random(7)  # noqa: S311 - the same each time
    for scalar in (*WRITTEN, *(random_scalar(source) for _ in range(SCALARS))):
        check_agreement(
            spring, tmp_path, Case([], {}, {"application.yml": f"info:\n  a: {scalar}\n"})
        )
        if AS_NAME.fullmatch(scalar):
            check_agreement(
                spring, tmp_path, Case([], {}, {"application.yml": f"info:\n  {scalar}: k\n"})
            )
