"""Wrong inputs: each is one line that names property, value, source and what is allowed."""

import re
from typing import NamedTuple

import pytest

import config
from config.errors import SettingsError

BINDING = "spring.cloud.stream.bindings"
BINDER = "spring.cloud.stream.kafka.binder"


class Wrong(NamedTuple):
    argv: tuple[str, ...]
    environ: dict[str, str]
    line: str  # a pattern for the whole line


def json(text: str) -> dict[str, str]:
    return {"SPRING_APPLICATION_JSON": text}


WRONG = [
    Wrong(
        ("--server.port=http",),
        {},
        r'server\.port: "http" \(the command line\) is not allowed; allowed is a whole number '
        r"from 0 to 65535",
    ),
    *(
        Wrong(
            (f"--{name}={value}",), {}, rf"{re.escape(name)} \(.*\) is set to nothing: set the .*"
        )
        for name in (f"{BINDER}.brokers", "spring.kafka.bootstrap-servers")
        for value in ("", '""', " , ")
    ),
    *(
        Wrong(
            (
                f"--{prefix}.{name}=",
                *([f"--{prefix}.security.protocol={protocol}"] if protocol else []),
            ),
            {},
            rf"{re.escape(f'{prefix}.{name}')} \(the command line\) is set to nothing: set it, .*",
        )
        for prefix in (f"{BINDER}.configuration", "spring.kafka.properties")
        for protocol, name in (
            ("", "security.protocol"),
            ("SSL", "ssl.truststore.location"),
            ("SSL", "ssl.truststore.certificates"),
            ("SASL_SSL", "ssl.keystore.location"),
            ("SSL", "ssl.keystore.key"),
        )
    ),
    Wrong(
        (f"--{BINDER}.brokers=:::",),
        {},
        r'.*\.brokers: ":::" \(the command line\) .* host or host:port, several with commas '
        r"between them",
    ),
    Wrong(
        (f"--{BINDING}.input.content-type=text/plain;charset=klingon",),
        {},
        r'.*\.input\.content-type: "text/plain;charset=klingon" \(the command line\) .* a content '
        r"type without a charset, or with one .*",
    ),
    *(
        Wrong(
            (f"--{BINDING}.{binding}.content-type={text}",),
            {},
            rf'.*\.{binding}\.content-type: "{re.escape(text)}" \(the command line\) .* a content '
            r"type .* such as text/plain or application/json;charset=UTF-8",
        )
        for binding in ("input", "output")
        for text in ("garbage", "text/", "text/plain;a b=c")
    ),
    Wrong(
        (f"--{BINDER}.brokers=a:1,b:c",),
        {},
        r'.*\.brokers: "a:1,b:c" \(the command line\) .* host or host:port, .*',
    ),
    Wrong(
        (),
        {"SERVER_PORT": "70000"},
        r'server\.port: "70000" \(environment variable SERVER_PORT\) .* from 0 to 65535',
    ),
    Wrong(
        (),
        {"PORT": "tcp://10.0.0.1:80"},
        r'server\.port: "tcp://10\.0\.0\.1:80" \(environment variable PORT\) .* whole number .*',
    ),
    Wrong(
        (),
        json('{"server.port": 80.5}'),
        r'server\.port: "80\.5" \(SPRING_APPLICATION_JSON\) .* a whole number from 0 to 65535',
    ),
    Wrong(
        (),
        json('{"server.port": '),
        r"spring\.application\.json \(SPRING_APPLICATION_JSON\) is not valid JSON .*; a JSON "
        r"object is allowed",
    ),
    Wrong(
        ("--spring.application.json=[1]",),
        {},
        r"spring\.application\.json \(spring\.application\.json\) is not a JSON object such as .*",
    ),
    Wrong(
        (f"--{BINDING}.input.consumer.concurrency=0",),
        {},
        r'.*\.concurrency: "0" \(the command line\) .* a whole number from 1 up',
    ),
    Wrong(
        (f"--{BINDING}.input.consumer.autoStartup=maybe",),
        {},
        r'.*\.auto-startup: "maybe" \(the command line\) .* true, yes, on, 1 or false, no, off, 0',
    ),
    Wrong(
        (),
        {"SPRING_CLOUD_STREAM_INSTANCEINDEX": "-1"},
        r'.*\.instance-index: "-1" \(environment variable SPRING_CLOUD_STREAM_INSTANCEINDEX\) .* '
        r"a whole number from 0 up",
    ),
    Wrong(
        ("--spring.lifecycle.timeout-per-shutdown-phase=soon",),
        {},
        r'.*timeout-per-shutdown-phase: "soon" .* a duration such as 500ms, 5s or PT1M; .*',
    ),
    Wrong(
        ("--python-processor.commit-interval=0",),
        {},
        r'python-processor\.commit-interval: "0" .* from 0\.01 s to 60 s',
    ),
    Wrong(
        ("--management.endpoint.health.show-details=sometimes",),
        {},
        r'.*show-details: "sometimes" .* one of never, when-authorized, always',
    ),
    Wrong(
        (f"--{BINDER}.replicationFactor=many",),
        {},
        r'.*\.replication-factor: "many" .* a whole number from -1 to 32767',
    ),
    Wrong(
        (f"--{BINDER}.configuration.bootstrap.servers=k:1",),
        {},
        r'.*\.configuration\.bootstrap\.servers: "k:1" .* set '
        r"spring\.cloud\.stream\.kafka\.binder\.brokers instead",
    ),
    Wrong(
        (f"--{BINDER}.configuration.isolation.level=dirty",),
        {},
        r'.*\.isolation\.level: "dirty" .* one of read_uncommitted, read_committed',
    ),
    Wrong(
        (f"--{BINDER}.consumerProperties.session.timeout.ms=45s",),
        {},
        r'.*\.session\.timeout\.ms: "45s" .* a whole number from 0 up',
    ),
    Wrong(
        ("--spring.kafka.consumer.fetch-max-wait=1 day",),
        {},
        r'spring\.kafka\.consumer\.fetch-max-wait: "1 day" .* a duration .*',
    ),
    Wrong(
        ("--spring.kafka.producer.batch-size=16 kilo",),
        {},
        r'spring\.kafka\.producer\.batch-size: "16 kilo" .* a size such as 16KB .*',
    ),
    Wrong(
        ("--spring.kafka.producer.acks=two",),
        {},
        r'spring\.kafka\.producer\.acks: "two" .* all, 1 or 0',
    ),
    Wrong(
        (f"--{BINDER}.configuration.security.protocol=TLS",),
        {},
        r'.*\.security\.protocol: "TLS" .* one of plaintext, ssl, sasl_plaintext, sasl_ssl',
    ),
    Wrong(
        (f"--{BINDER}.configuration.security.protocol=SASL_SSL",),
        {},
        r'sasl\.mechanism: "GSSAPI" \(default of Kafka\'s clients\) .* usable mechanisms are .*',
    ),
    Wrong(
        (f"--{BINDING}.input.consumer.partitioned=true",),
        {},
        r".*\.partitioned: a consumer group is required for a partitioned input; set "
        r".*\.input\.group",
    ),
    Wrong(
        (f"--{BINDING}.output.destination=${{a}}", "--a=${b}", "--b=${a}"),
        {},
        r"placeholder \$\{a\} leads back to itself",
    ),
    Wrong(
        ("--spring.profiles.active=../../etc",),
        {},
        r'spring\.profiles\.active: "\.\./\.\./etc" \(the command line\) .* a comma-separated '
        r"list of names",
    ),
    Wrong(
        (),
        {"BYTEWAX_WORKERS_PER_PROCESS": "4"},
        r'environment variable BYTEWAX_WORKERS_PER_PROCESS: "4" .* allowed is 1: .* same consumer '
        r"group",
    ),
    Wrong(
        (),
        {"BYTEWAX_ADDRESSES": "a:1;b:2"},
        r'environment variable BYTEWAX_ADDRESSES: "a:1;b:2" .* same consumer group',
    ),
    Wrong(
        (f"--{BINDING}.input.group=a\nb", "--server.port=\n\x1b[31m"),
        {},
        r'server\.port: "\\n\\x1b\[31m" .*',
    ),
    Wrong(
        (),
        json(f'{{"{BINDING}.input.group": "a\\u0000b"}}'),
        r'.*\.input\.group: "a\\x00b" .* any text without a zero character',
    ),
    Wrong(
        ("--spring.cloud.stream.kafka.bindings.output.producer.useTopicHeader=true",),
        {},
        r'.*: "true" \(the command line\) is not allowed: all records go to the output.s topic.*',
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.line[:60])
def test_wrong_input_is_one_line(wrong: Wrong) -> None:
    with pytest.raises(SettingsError) as caught:
        config.load(wrong.argv, wrong.environ)
    assert re.fullmatch(wrong.line, str(caught.value)), str(caught.value)
    assert str(caught.value).isprintable()


def test_secret_of_wrong_type_is_masked() -> None:
    for name in ("server.port", "python-processor.batch-size"):
        with pytest.raises(SettingsError) as caught:
            config.load([f"--{name}=${{db.url}}", "--db.url=jdbc:x://me:hunter2@host/"], {})
        assert "hunter2" not in str(caught.value)
