"""Options, ports and the processor's settings of `python -m local`."""

import ast
import socket
import sys

import pytest

import config
from local import __main__ as local
from local import deployment


def test_default_options() -> None:
    options, further = local.parse([])
    assert (options.port, options.kafka, further) == (32123, None, [])


@pytest.mark.parametrize(
    ("function", "command"),
    [
        ("reverse:reverse", "curl -H 'Content-Type: text/plain' -d 'hello world'"),
        ("orders:enrich", """curl -H 'Content-Type: application/json' -d '{"total": 7}'"""),
        (
            "orders:enrich|reverse:reverse",
            """curl -H 'Content-Type: application/json' -d '{"total": 7}'""",
        ),
    ],
)
def test_example_is_what_function_reads(function: str, command: str) -> None:
    assert local.example(config.load([f"--function={function}"], {})).curl == command


def test_other_options_are_passed() -> None:
    options, further = local.parse(
        ["--reversestring=false", "--kafka", "localhost:9092", "--port=0", "--server.port=8080"]
    )
    assert (options.port, options.kafka) == (0, "localhost:9092")
    assert further == ["--reversestring=false", "--server.port=8080"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "x"], "'x' is not a port number"),
        (["--port", "70000"], "'70000' is not a port number"),
        (["--kafka", "localhost"], "'localhost' is not host:port"),
        (["word"], "word: neither an option nor --name=value"),
        (["--reversestring"], "--reversestring: neither an option nor --name=value"),
    ],
)
def test_wrong_option_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        local.parse(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_taken_port_names_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            local.StartupError, match=rf"^cannot listen on port {port}: .*; --port= takes another$"
        ):
            local.listen("127.0.0.1", port, "--port")


@pytest.mark.parametrize("option", ["--port", "--server.port"])
def test_taken_port_is_one_line(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert local.main(["--port=0", f"{option}={taken.getsockname()[1]}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("python -m local: cannot listen on port")


@pytest.mark.parametrize("port", ["yes", "0"])
def test_wrong_setting_is_one_line(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert local.main(["--port=0", f"--server.port={port}"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("python -m local: server.port")


def test_processor_gets_deployer_properties() -> None:
    properties = deployment.properties(8080) | deployment.binder("127.0.0.1:9092", embedded=True)
    settings = config.load([], local.environment(properties))
    assert settings.own_values["reversestring"]
    assert settings.server_port == 8080
    assert settings.endpoints_shutdown_enabled
    assert settings.input_destinations == ("text-reversal.http",)
    assert settings.input_group == "text-reversal"
    assert settings.output_destination == "text-reversal.python-processor"
    assert settings.brokers == ("127.0.0.1:9092",)
    assert not settings.auto_create_topics
    assert settings.metric_tags["application"] == "text-reversal-python-processor-processor"


def test_topics_are_on_users_broker() -> None:
    properties = deployment.properties(8080) | deployment.binder("127.0.0.1:9092", embedded=False)
    assert config.load([], local.environment(properties)).auto_create_topics


def test_command_passes_arguments() -> None:
    arguments = ["--reversestring=false", """--info.x=it's "a:b" \\ """]
    python, *_, called = deployment.command(arguments)
    assert python == sys.executable
    module, _, call = called.partition(":")
    parsed = ast.parse(call, mode="eval").body
    assert isinstance(parsed, ast.Call)
    assert module == "dataflow"
    assert [ast.literal_eval(each) for each in parsed.args] == arguments
    assert deployment.command([])[-1] == "dataflow"
