"""configprops shows the value of every property, whatever its type is."""

from typing import Any, get_origin

import pytest
from flask import Flask

from actuator.endpoints import configprops
from actuator.http.responses import SANITIZER
from config import Settings
from config.sanitizing import Sanitizer
from config.settings import properties
from config.spring.own_property import OwnProperty
from config.spring.property import Property
from python_processor import Properties

# One of these is a value of each type that has no list of words.
TEXTS = (
    "1",
    "200",
    "5s",
    "true",
    "x",
    "/x",
    "payload.id",
    "#root",
    "http://x:1",
    "a/b",
    "x:1",
    "info",
)


def answer(settings: Settings) -> dict[str, Any]:
    app = Flask("test")
    app.extensions[SANITIZER] = Sanitizer(settings)
    app.register_blueprint(configprops.endpoint(settings), url_prefix="/configprops")
    response = app.test_client().get("/configprops")
    assert response.status_code == 200
    beans: dict[str, Any] = response.get_json()["contexts"]["application"]["beans"]
    return beans


def some_value(prop: Property) -> Any:
    for text in (*prop.kind.words[:1], *TEXTS):
        try:
            return prop.kind.parse(text)
        except ValueError:
            continue
    pytest.fail(f"no text for {prop.name}: {prop.kind.allowed}")


def test_every_property_is_shown() -> None:
    values: dict[str, Any] = {}
    names = {}
    for field, prop in properties().items():
        value = some_value(prop)
        if get_origin(Settings.model_fields[field].annotation) is dict:
            key = next(iter(prop.keys), "some")
            values[field], names[field] = {key: value}, f"{prop.name}.{key}"
        else:
            values[field], names[field] = value, prop.name
    beans = answer(Settings(**(values | {"configprops_show_values": "always"})))
    for field, name in names.items():
        prefix, _, key = name.rpartition(".")
        shown = beans[prefix or "python-processor"]["properties"][key]
        assert isinstance(shown, bool | int | float | str | list), (field, shown)


@pytest.mark.parametrize("name", ["partition-key-expression", "message-key-expression"])
def test_expression_is_shown_as_text(name: str) -> None:
    field, prop = next(
        (field, prop) for field, prop in properties().items() if prop.name.endswith(f".{name}")
    )
    value = prop.kind.parse("payload.id")
    beans = answer(Settings(**{field: value, "configprops_show_values": "always"}))
    assert beans[prop.name.rpartition(".")[0]]["properties"][name] == "payload.id"


def test_infinite_number_of_function_is_text() -> None:
    """JSON has no infinity. A function may have it as a property's default."""
    own = OwnProperty(Property("a.most"), "most", Properties, 0.0, "")
    settings = Settings(
        configprops_show_values="always", own=(own,), own_values={"a.most": float("inf")}
    )
    assert answer(settings)["a"]["properties"]["most"] == "inf"
