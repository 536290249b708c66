"""Inputs thought of: what the generated ones do not reach."""

import json

from tests.compatibility.oracle.cases import Case

_VCAP = {
    "VCAP_APPLICATION": json.dumps(
        {"name": "app", "instance_index": 3, "uris": ["a", "b"], "limits": {"mem": 1}}
    ),
    "VCAP_SERVICES": json.dumps(
        {"user-provided": [{"name": "my-kafka", "credentials": {"brokers": "k1:1,k2:2"}}]}
    ),
}


def _argv(*argv: str) -> Case:
    return Case(list(argv), {}, {})


def _environ(**environ: str) -> Case:
    return Case([], environ, {})


def _files(**files: str) -> Case:
    """`application__yml` is application.yml."""
    return Case([], {}, {name.replace("__", "."): content for name, content in files.items()})


def _json(document: object) -> Case:
    return _environ(SPRING_APPLICATION_JSON=json.dumps(document))


AGREED = {
    "nothing": _argv(),
    "JSON on the command line": Case(
        ['--spring.application.json={"info.a":"argv"}'],
        {"SPRING_APPLICATION_JSON": '{"info.a": "env", "info.b": "env"}'},
        {},
    ),
    "JSON in a dotted variable": _environ(**{"spring.application.json": '{"info.a": "env"}'}),
    "JSON arrays and numbers": _json(
        {
            "spring": {"kafka": {"bootstrap-servers": ["a:1", "b:2"]}},
            "server": {"port": 81},
            "info": None,
        }
    ),
    "a list as a JSON object": _json({"spring.kafka.bootstrap-servers": {"0": "a", "1": "b"}}),
    "words that are no options": _argv(
        "$@", "--info.a=1", "--info.a=2", "--info.b=", "--info.c=x=y"
    ),
    "a flag without a value": _argv("--endpoints.shutdown.enabled"),
    "a lower indexed list does not shine through": Case(
        ["--spring.kafka.bootstrap-servers=x,y"],
        {"SPRING_KAFKA_BOOTSTRAP_SERVERS_0": "a", "SPRING_KAFKA_BOOTSTRAP_SERVERS_1": "b"},
        {},
    ),
    "nor a lower list behind an indexed one": Case(
        ["--spring.kafka.bootstrap-servers[0]=a"], {"SPRING_KAFKA_BOOTSTRAPSERVERS": "x,y"}, {}
    ),
    "a placeholder's name from a placeholder": _argv(
        "--info.a=${info.${info.k}}", "--info.k=z", "--info.z=found"
    ),
    "defaults in defaults": _argv("--info.a=${no:${no2:${info.z}}}", "--info.z=found"),
    "a colon in a name": _argv("--info.a=${an:y}", "--an:y=x"),
    "what looks like a placeholder": _argv(
        "--info.a=${x", "--info.b=$x{y}", "--info.c=${a:{b}}", "--info.d=${}", "--info.f=a}b"
    ),
    "what is escaped": _argv(
        r"--info.a=\${info.z}",
        r"--info.b=${no:\${info.z}}${info.z}",
        r"--info.c=\${${info.z}}",
        r"--info.d=\\${info.z}",
        "--info.z=z",
    ),
    "a default that is not needed": _argv("--info.a=${info.z:${info.a}}", "--info.z=z"),
    "a placeholder that nothing resolves": _argv(
        "--info.a=${no.such}", "--spring.cloud.stream.bindings.input.group=${x.y}"
    ),
    "a variable in a placeholder": Case(
        ["--info.a=${SERVER_PORT:0}", "--info.b=${server_port:1}"], {"SERVER_PORT": "81"}, {}
    ),
    "camel case in a placeholder": Case(
        [
            "--info.a=${spring.cloud.stream.instanceIndex:0}",
            "--info.b=${spring.cloud.stream.instance-index:0}",
        ],
        {"SPRING_CLOUD_STREAM_INSTANCE_INDEX": "4"},
        {},
    ),
    "variables in lower case": _environ(server_port="81", Spring_Cloud_Stream_instanceIndex="2"),
    "keys of a map in variables": _environ(
        **{
            "MANAGEMENT_METRICS_TAGS_A_B": "1",
            "management.metrics.tags.fooBar": "2",
            "MANAGEMENT_METRICS_TAGS_FOO-BAZ": "3",
        }
    ),
    "Data Flow's administrator": _environ(
        **{
            "SPRING_CLOUD_STREAMAPP_SECURITY_ADMIN-USER": "joe",
            "SPRING_CLOUD_STREAMAPP_SECURITY_ADMIN-PASSWORD": "pw",
        }
    ),
    "Cloud Foundry": _environ(
        INFO_A="${vcap.services.my-kafka.credentials.brokers}",
        INFO_B="${vcap.application.uris[0]}-${vcap.application.uris}-${vcap.application.limits.mem}",
        SPRING_CLOUD_APPLICATION_GUID="${vcap.application.name}:${vcap.application.instance_index}",
        **_VCAP,
    ),
    "Cloud Foundry's variables broken": _environ(VCAP_APPLICATION="{"),
    "two profiles": Case(
        [],
        {"SPRING_PROFILES_ACTIVE": "one,two"},
        {
            "application-one.yml": "info: {a: one-yml, b: one-yml}",
            "application-two.properties": "info.a=two\ninfo.c=two",
            "config/application-one.properties": "info.b=config-one",
            "application.yml": "info: {a: base, d: base}",
        },
    ),
    "a profile from a file": _files(
        application__properties="spring.profiles.active=${WHICH:prod}\ninfo.a=x",
        **{"application-prod__yml": "info: {a: prod}"},
    ),
    "an import's file for a profile above the application's own": Case(
        ["--spring.profiles.active=prod,cloud"],
        {},
        {
            "config/application.yml": (
                "info: {a: base, b: base}\nspring.config.import: optional:../more.yml\n"
            ),
            "config/extra/application-cloud.yml": "info: {a: cloud, b: cloud}\n",
            "more-prod.yml": "info: {a: more}\n",
        },
    ),
    "a nested import's file for a profile below the application's own": Case(
        ["--spring.profiles.active=prod"],
        {},
        {
            "application.yml": "info: {a: base}\nspring.config.import: more.yml\n",
            "application-prod.yml": "info: {a: prod}\n",
            "more.yml": "info: {a: more, b: more}\nspring.config.import: deep.yml\n",
            "deep.yml": "info: {a: deep, b: deep}\n",
            "deep-prod.yml": "info: {a: deep-prod, b: deep-prod}\n",
        },
    ),
    "the default profile": _files(**{"application-default__properties": "info.a=x"}),
    "documents for profiles": Case(
        ["--spring.profiles.active=b"],
        {},
        {
            "application.yml": "info: {a: 1}\n---\nspring.config.activate.on-profile: '!a'\ninfo: "
            "{a: 2}\n"
            "---\nspring.config.activate.on-profile: 'a,b'\ninfo: {b: "
            "2}\n---\nspring.config.activate.on-profile: c\ninfo: {c: 2}"
        },
    ),
    "expressions of profiles": Case(
        ["--spring.profiles.active=a,b"],
        {},
        {
            "application.yml": "\n---\n".join(
                f"spring.config.activate.on-profile: {condition}\ninfo: {{k{number}: x}}"
                for number, condition in enumerate(
                    ["a & b", "c | b", "a & !c", "'!a'", "(c | b) & a", "'!(a & b)'", "c, a & b"]
                )
            )
        },
    ),
    "endings": _files(
        application__properties="info.a=p",
        application__yml="info: {a: y, b: y}",
        application__yaml="info: {b: yaml, c: yaml}",
    ),
    "lists and anchors in YAML": _files(
        application__yml="x: &x {p: p}\ninfo: {<<: *x, q: q}\nspring:\n  kafka:\n    "
        "bootstrap-servers:\n    - a\n    - b\n"
    ),
    "Java's properties format": _files(
        application__properties="# x\n! x\n\n  info.a = 1  \ninfo.b: two words\ninfo.c "
        "three\ninfo.d=joined \\\n   line\ninfo.e=back\\\\\n"
        "info.f=\\u00e9\\t\\n!\ninfo.g\ninfo.h\\:i=x=y:z\ninfo.a=last\n#---\ninfo.j=k\n!---\ninfo.j=l\n"
    ),
    "random values in a range of one": _argv(
        "--info.a=${random.int[7,8]}", "--info.b=${random.long(1)}", "--info.c=${random.int[7,8,x]}"
    ),
    "durations": _argv(
        "--python-processor.commit-interval=1S",
        "--spring.lifecycle.timeout-per-shutdown-phase=pt1m1.5s",
    ),
}
REFUSED = {
    "a cycle": _argv("--info.a=${info.b}", "--info.b=${info.a}"),
    "a property that is itself": _argv("--server.port=${server.port:9}"),
    "a variable that is itself": _environ(SERVER_PORT="${SERVER_PORT:9}"),
    "a list with a gap": _argv(
        "--spring.kafka.bootstrap-servers[0]=a", "--spring.kafka.bootstrap-servers[2]=c"
    ),
    "a name twice in YAML": _files(application__yml="info: {a: 1}\ninfo: {b: 2}\n"),
    "a broken expression of profiles": _files(
        application__yml="spring.config.activate.on-profile: a & b | c"
    ),
    "no number": _argv("--server.port=81.0"),
    "no boolean": _argv("--endpoints.shutdown.enabled=y"),
    "no duration": _argv("--python-processor.commit-interval=1s500ms"),
    "no JSON": _environ(SPRING_APPLICATION_JSON="{'a': 1}"),
    **{
        f"random values: {name}": _argv(f"--info.a=${{random.{name}}}")
        for name in (
            "int(0)",
            "int[5,5]",
            "int[ 7 , 8 ]",
            "int[7",
            "integer",
            "long[1,9223372036854775808]",
            "int[1_0,2_0]",
            "int()",
        )
    },
    "no YAML": _files(application__yml="info: ["),
}
