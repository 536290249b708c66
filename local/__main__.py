"""`python -m local`: broker, http source, processor and log sink, which end together."""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import config
from catalog.annotations import Kind
from catalog.lookup import places
from catalog.signature import read_signature
from local import broker, deployment
from local.apps import Topics, http_and_log
from local.reload import Files, Restarting
from local.web_page import Example, Page

ROOT = Path(__file__).parent.parent
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartupError(Exception):
    """The stream cannot be started. The text is one line for the user."""


def main(arguments: Sequence[str]) -> int:
    """Run until the processor ends, by itself or by a signal.

    Args:
        arguments: The command line without the program's name.

    Returns:
        The processor's exit code, or 1 if the stream cannot be started.
    """
    began = time.monotonic()
    options, further = parse(arguments)
    properties = deployment.properties(free_port())
    with ExitStack() as stack:
        try:
            settings = load(properties, further)
            listener = stack.enter_context(listen("127.0.0.1", options.port, "--port"))
        except (config.SettingsError, StartupError) as error:
            print(f"python -m local: {error}", file=sys.stderr)
            return 1

        source, sink = settings.input_destinations[0], settings.output_destination
        dead_letters = settings.dead_letter_topic(source)
        topics = Topics(source, sink, dead_letters)
        brokers = options.kafka or stack.enter_context(broker.embedded(topics.names))
        properties |= deployment.binder(brokers, embedded=not options.kafka)
        processor = Restarting(
            lambda: start(properties, further),
            Files(places(settings.function_path)),
            lambda: is_running(settings),
        )
        stack.callback(processor.kill)  # does nothing to an ended process
        for number in STOP_SIGNALS:
            # The first signal lets the processor finish its work. A second one ends it at once.
            signal.signal(number, processor.stop)
        page = Page(
            f"http → topic {source} → python-processor → topic {sink} → log",
            example(settings),
            lambda: processor.state,
        )
        stack.enter_context(http_and_log(listener, brokers, topics, page))

        folders = ", ".join(
            str(folder) for folder in places(settings.function_path) if folder.is_dir()
        )
        url = f"http://localhost:{listener.getsockname()[1]}"
        embedded = (
            "" if options.kafka else "  (embedded: keeps its records in memory, ends with the rest)"
        )
        print(f"  broker            {brokers}{embedded}")
        print(f"  http              {url}  ->  topic {source}")
        actuator = f"http://localhost:{settings.server_port}/actuator"
        print(f"  python-processor  {actuator}  (pid {processor.pid})")
        if "prometheus" in settings.exposure_include:
            print(f"  metrics           {actuator}/prometheus")
        print(f"  log               topic {sink}  ->  here", flush=True)
        if dead_letters:
            print(f"  dead letters      topic {dead_letters}  ->  here", flush=True)
        if processor.wait_until_running():
            print(f"ready after {time.monotonic() - began:.1f} s; Ctrl-C ends it all.")
            print(f"Open {url} in a browser, or type in another terminal:")
            print(f"  {page.example.curl} {url}")
            print("  (without the header curl sends a form, which becomes JSON)", flush=True)
            if dead_letters:
                python = os.path.relpath(sys.executable, ROOT)
                option = f"--spring.cloud.stream.kafka.binder.brokers={brokers}"
                print(f"  {python} -m dead_letters list {dead_letters} {option}", flush=True)
            print(f"It starts again when a file of {folders} changes.", flush=True)
        code = processor.wait()
    code = code if code >= 0 else 128 - code  # killed by a signal, with a shell's exit code
    print(f"python-processor ended with exit code {code}", flush=True)
    return code


def example(settings: config.Settings) -> Example:
    """Return an example that the first function can read: JSON or text."""
    first = settings.functions[0].function if settings.functions else None
    if first and read_signature(first).value is Kind.JSON:
        return Example('{"total": 7}', "application/json")
    return Example("hello world", "text/plain")


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return our options, and each `--name=value` for the processor.

    Wrong arguments end the process with exit code 2.
    """
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="http | python-processor --reversestring=true | log, on this machine.",
        epilog="Further --name=value are properties of the processor, for example "
        "--reversestring=false.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=32123,
        help="port of the http source (default: %(default)s)",
    )
    parser.add_argument(
        "--kafka",
        type=address,
        metavar="HOST:PORT",
        help="a Kafka broker to use instead of the embedded one",
    )
    options, further = parser.parse_known_args(arguments)
    for argument in further:
        if not re.match(r"--[^=]+=", argument):
            parser.error(f"{argument}: neither an option nor --name=value")
    return options, further


def port_number(text: str) -> int:
    """Check --port. 0 stands for any free port."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number")
    return int(text)


def address(text: str) -> str:
    """Check --kafka."""
    if not re.fullmatch(r"[^\s:]+:\d{1,5}(,[^\s:]+:\d{1,5})*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not host:port")
    return text


def load(properties: dict[str, str], further: Sequence[str]) -> config.Settings:
    """Return the processor's settings.

    Raises:
        SettingsError: A setting is wrong.
        StartupError: server.port cannot be listened on.
    """
    settings = config.load(further, environment(properties))
    if settings.server_port < 1:
        raise StartupError(
            "server.port has to be above 0 here: the processor is asked there whether it runs"
        )
    listen(settings.server_address or "", settings.server_port, "--server.port").close()
    return settings


def environment(properties: dict[str, str]) -> dict[str, str]:
    """Return the processor's environment with these properties."""
    return os.environ | {"SPRING_APPLICATION_JSON": json.dumps(properties)}


def start(properties: dict[str, str], further: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the processor in its own session, so that one Ctrl-C sends it one signal."""
    return subprocess.Popen(  # noqa: S603  our own program
        deployment.command(further),
        cwd=ROOT,
        env=environment(properties),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def is_running(settings: config.Settings) -> bool:
    """Ask the processor once whether its input is bound. Blocks for a second at most."""
    connection = http.client.HTTPConnection(
        settings.server_address or "127.0.0.1", settings.server_port, timeout=1
    )
    try:
        connection.request("GET", "/actuator/bindings/input")
        answer = connection.getresponse()
        # 404: a user's setting hides the endpoint, but the server is up.
        return b'"running"' in answer.read() or answer.status == 404
    except (OSError, http.client.HTTPException):
        return False  # the server is not up yet
    finally:
        connection.close()


def listen(host: str, port: int, option: str) -> socket.socket:
    """Return a listening socket.

    Raises:
        StartupError: The port cannot be listened on. The text names the option for another port.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise StartupError(
            f"cannot listen on port {port}: {os.strerror(error.errno or 0)}; {option}= takes "
            f"another"
        ) from None


def free_port() -> int:
    """Return a free port for the processor, as Data Flow's local deployer picks one."""
    with socket.create_server(("", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
