"""env, configprops, loggers and threaddump."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import config
from actuator.endpoints.loggers import LEVELS
from actuator.http.responses import JSON
from config.errors import MASK
from tests.fakes.actuator.actuator_app import App

KAFKA = "--spring.cloud.stream.kafka.binder.configuration"
ARGUMENTS = [
    "--server.port=1234",
    f"{KAFKA}.sasl.jaas.config=PlainLoginModule x",
    f"{KAFKA}.security.protocol=PLAINTEXT",
]
ENVIRONMENT = {"SERVER_PORT": "1", "SPRING_SECURITY_USER_PASSWORD": "hidden"}


def loaded(**settings: Any) -> App:
    """With properties that were really read from somewhere."""
    values = (
        dict(config.load(ARGUMENTS, ENVIRONMENT))
        | {"exposure_include": ("*",), "security_enabled": False}
        | settings
    )
    return App(**values)


# env


def test_env_lists_masked_values() -> None:
    body = loaded().json("/actuator/env")
    assert (body["activeProfiles"], body["defaultProfiles"]) == ([], ["default"])
    sources = {source["name"]: source["properties"] for source in body["propertySources"]}
    assert sources["commandLineArgs"]["server.port"] == {
        "value": "******",
        "origin": "the command line",
    }
    assert sources["systemEnvironment"]["SERVER_PORT"] == {
        "value": "******",
        "origin": "environment variable SERVER_PORT",
    }


def test_env_shows_values_but_no_secrets() -> None:
    answer = loaded(env_show_values="always").get("/actuator/env")
    assert answer.get_json()["propertySources"][0]["properties"]["server.port"]["value"] == "1234"
    assert "hidden" not in answer.text
    assert "LoginModule" not in answer.text


def test_env_pattern() -> None:
    app = loaded()
    body = app.json("/actuator/env?pattern=port$")
    assert [list(source["properties"]) for source in body["propertySources"]] == [
        ["server.port"],
        [],
    ]
    for bad in ("[", "(?:a|aa)%2B$" * 20, "(" * 5000):
        assert app.get(f"/actuator/env?pattern={bad}").status_code in (200, 400)
    assert app.get("/actuator/env?pattern=[").status_code == 400


def test_env_of_one_property() -> None:
    app = loaded(env_show_values="always")
    body = app.json("/actuator/env/server.port")
    assert body["property"] == {"source": "commandLineArgs", "value": "1234"}
    assert [source.get("property", {}).get("value") for source in body["propertySources"]] == [
        "1234",
        "1",
    ]
    absent = app.get("/actuator/env/nope")
    assert (absent.status_code, "property" in absent.get_json()) == (404, False)


# configprops


def test_configprops_shows_origins() -> None:
    beans = loaded(configprops_show_values="always").json("/actuator/configprops")["contexts"][
        "application"
    ]["beans"]
    assert beans["server"]["properties"]["port"] == 1234
    assert beans["server"]["inputs"] == {"port": {"value": 1234, "origin": "the command line"}}
    assert beans["spring.security.user"]["properties"]["password"] == MASK
    assert beans["management.endpoints.web.exposure"]["properties"]["include"] == ["*"]


def test_configprops_masks_by_default() -> None:
    app = loaded()
    assert (
        app.json("/actuator/configprops")["contexts"]["application"]["beans"]["server"][
            "properties"
        ]["port"]
        == "******"
    )
    assert "hidden" not in app.get("/actuator/configprops").text


def test_configprops_of_one_prefix() -> None:
    app = loaded()
    beans = app.json("/actuator/configprops/management.endpoints.web")["contexts"]["application"][
        "beans"
    ]
    assert beans
    assert all(name.startswith("management.endpoints.web") for name in beans)
    absent = app.get("/actuator/configprops/management.endpoints.we")
    assert (absent.status_code, absent.data) == (404, b"")


# loggers


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("actuator-test.parent")
    root = logging.root.level
    yield logger
    logger.setLevel(logging.NOTSET)
    logging.root.setLevel(root)


def test_loggers_lists_levels(logger: logging.Logger) -> None:
    logger.setLevel(logging.WARNING)
    body = loaded().json("/actuator/loggers")
    assert body["levels"] == ["OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]
    assert body["groups"] == {}
    assert body["loggers"][logger.name] == {"configuredLevel": "WARN", "effectiveLevel": "WARN"}
    assert "effectiveLevel" in body["loggers"]["ROOT"]


@pytest.mark.parametrize("level", LEVELS)
def test_level_can_be_set_and_taken_away(logger: logging.Logger, level: str) -> None:
    app = loaded()
    path = f"/actuator/loggers/{logger.name}"
    assert app.post(path, {"configuredLevel": level.lower()}).status_code == 204
    assert logger.level == LEVELS[level]
    assert app.json(path) == {"configuredLevel": level, "effectiveLevel": level}
    assert app.json(f"{path}.child.grandchild") == {"effectiveLevel": level}
    assert f"{logger.name}.child.grandchild" not in logging.root.manager.loggerDict
    assert app.client.post(path, data=b"{}", content_type=JSON).status_code == 204
    assert "configuredLevel" not in app.json(path)


def test_root_has_its_spring_name(logger: logging.Logger) -> None:
    assert logger is not logging.root
    app = loaded()
    assert app.post("/actuator/loggers/ROOT", {"configuredLevel": "ERROR"}).status_code == 204
    assert logging.root.level == logging.ERROR
    assert app.post("/actuator/loggers/ROOT", {"configuredLevel": None}).status_code == 204
    assert app.json("/actuator/loggers/ROOT") == {
        "configuredLevel": "INFO",
        "effectiveLevel": "INFO",
    }


@pytest.mark.parametrize("level", ["LOUD", 10, [], {}, ""], ids=str)
def test_bad_level_is_400(logger: logging.Logger, level: object) -> None:
    assert (
        loaded().post(f"/actuator/loggers/{logger.name}", {"configuredLevel": level}).status_code
        == 400
    )
    assert logger.level == logging.NOTSET


# threaddump


@pytest.fixture
def waiting() -> Iterator[str]:
    """The name of a thread that waits."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="a waiting thread", daemon=True)
    thread.start()
    yield thread.name
    done.set()
    thread.join()


def test_threaddump_is_like_boots(waiting: str) -> None:
    threads = {
        each["threadName"]: each for each in loaded().json("/actuator/threaddump")["threads"]
    }
    thread = threads[waiting]
    assert thread["daemon"] is True
    assert thread["threadState"] in ("WAITING", "RUNNABLE")
    assert thread["stackTrace"][0].keys() == {
        "methodName",
        "fileName",
        "lineNumber",
        "nativeMethod",
        "className",
    }
    assert thread["stackTrace"][-1]["methodName"] == "Thread._bootstrap"
    assert thread["stackTrace"][0]["className"] == "threading"
    assert threads["MainThread"]["threadState"] == "RUNNABLE"


def test_threaddump_as_text(waiting: str) -> None:
    answer = loaded().get("/actuator/threaddump", "text/plain")
    assert answer.content_type == "text/plain;charset=UTF-8"
    assert f'"{waiting}" - Thread t@' in answer.text
    assert loaded().get("/actuator/threaddump", "image/png").status_code == 406
