"""Bindings as Spring Cloud Function names them."""

import pytest

import config
from tests.support.config.refusals import INPUT, refusal


@pytest.mark.parametrize("binding", ["uppercase-in-0", "in-in-0", "a.b-in-12"])
@pytest.mark.parametrize("rest", ["destination", "group"])
def test_functional_address(binding: str, rest: str) -> None:
    name = f"spring.cloud.stream.bindings.{binding}.{rest}"
    line = (
        f"{name} (the command line) is {{}}: the bindings here are called input and output: "
        f"set {INPUT}.{rest}"
    )
    assert refusal(f"--{name}=x") == line.format("not allowed")
    assert config.load([f"--{name}=x", f"--{INPUT}.{rest}=y"], {}).warnings == (
        line.format("ignored"),
    )
    assert f"set {INPUT}.{rest}" in refusal(
        **{name.upper().replace(".", "_").replace("-", "_"): "x"}
    )
    assert f"set {INPUT}.{rest}" in refusal(
        **{name.upper().replace(".", "_").replace("-", ""): "x"}
    )


def test_other_functional_binding_settings() -> None:
    [warning] = config.load(
        ["--spring.cloud.stream.bindings.f-in-0.consumer.max-attempts=2"], {}
    ).warnings
    assert warning.endswith(
        f"is ignored: the bindings here are called input and output: set "
        f"{INPUT}.consumer.max-attempts"
    )
    for rest in ("consumer.configuration.security.protocol", "consumer.dlq-name"):
        assert f"set {INPUT.replace('stream', 'stream.kafka')}.{rest}" in refusal(
            f"--spring.cloud.stream.kafka.bindings.f-in-0.{rest}=SSL"
        )


def test_functional_binding_names() -> None:
    name = "--spring.cloud.stream.function.bindings.f"
    assert config.load([f"{name}-in-0=input", f"{name}-out-0=output"], {}).warnings == ()
    assert "called input and output" in refusal(f"{name}-in-0=orders")
    for dash in ("", "_"):
        variable = f"SPRING_CLOUD_STREAM_FUNCTION_BINDINGS_F{dash}OUT{dash}0"
        assert config.load([], {variable: "output"}).warnings == ()
        assert "called input and output" in refusal(**{variable: "input"})
