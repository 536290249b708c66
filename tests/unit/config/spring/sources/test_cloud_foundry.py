"""Cloud Foundry's variables."""

import json

import pytest

import config


def test_cloud_foundrys_variables() -> None:
    environ = {
        "VCAP_APPLICATION": json.dumps(
            {"name": "app", "instance_index": 3, "uris": ["a", "b"], "limits": {"mem": 1}}
        ),
        "VCAP_SERVICES": json.dumps(
            {
                "kafka": [
                    {"name": "mine", "credentials": {"brokers": "k:1"}},
                    {"credentials": {"x": "y"}},
                ]
            }
        ),
    }
    argv = [
        "--info.a=${vcap.application.uris[1]} ${vcap.application.limits.mem}",
        "--info.b=${vcap.services.mine.credentials.brokers} ${vcap.services.kafka.credentials.x}",
    ]
    settings = config.load(argv, environ)
    assert settings.info == {"a": "b 1", "b": "k:1 y"}
    assert (settings.application_name, settings.instance_index) == ("app", 3)


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"a": 1}', '{"a": [1]}', '{"a": [{"name": ["x"]}]}']
)
def test_odd_vcap_variables_are_dropped(text: str) -> None:
    settings = config.load([], {"VCAP_SERVICES": text})
    assert settings.warnings == (
        "environment variable VCAP_SERVICES is dropped: it is not the JSON that Cloud Foundry sets",
    )
