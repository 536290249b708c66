"""No secret is shown, under any name and from any source."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from config.kafka.java_properties import TABLE
from tests.support.config.fuzz import (
    BINDER,
    SECRET,
    SOME_FILES,
    load,
)
from tests.support.config.names import HIDING, MISSPELT, NAMES, SECRET_NAMES, THE_USERS_OWN


@SOME_FILES
@given(
    st.text(min_size=1, max_size=20),
    st.sampled_from(["--{}={}", "json", "env"]),
    st.sampled_from(sorted(TABLE)),
)
def test_secret_is_never_shown(key: str, way: str, java: str) -> None:
    """Under names that are secret, in logins, in addresses; in every source."""
    secret = {
        f"{BINDER}.configuration.sasl.jaas.config": (
            f'a.B required username="u" password="{SECRET}";'
        ),
        "spring.kafka.ssl.key-store-password": SECRET,
        "spring.cloud.streamapp.security.admin-password": SECRET,
        "some.other.api-key": SECRET,
        "some.url": f"https://me:{SECRET}@host/",
        f"{BINDER}.configuration.{java}": f"password={SECRET}",
        "server.port": f"password={SECRET}",
        key: f"x{SECRET} password",
    }
    for name, value in secret.items():
        match way:
            case "json":
                load([], {"SPRING_APPLICATION_JSON": json.dumps({name: value})})
            case "env":
                load([], {name.upper().replace(".", "_"): value})
            case _:
                load([way.format(name, value)], {})


WRONG = st.sampled_from(NAMES).filter(lambda name: not name.endswith(".*"))


@SOME_FILES
@given(
    WRONG,
    st.sampled_from(
        [
            "${db.password}",
            "a${db.password}",
            "${db.password:x}",
            "${no:${db.password}}",
            "${other}",
        ]
    ),
    st.sampled_from(["argv", "json", "env", "properties", "yaml", "tree"]),
)
def test_secret_by_placeholder(name: str, value: str, way: str) -> None:
    """The secret is masked wherever the placeholder puts it."""
    written = {name: value, "db.password": SECRET, "other": "${db.password}"}
    argv, environ = [], {}
    match way:
        case "argv":
            argv = [f"--{key}={each}" for key, each in written.items()]
        case "json":
            environ = {"SPRING_APPLICATION_JSON": json.dumps(written)}
        case "env":
            environ = {key.upper().replace(".", "_"): each for key, each in written.items()}
        case "properties":
            Path("application.properties").write_text(
                "".join(f"{key}={each}\n" for key, each in written.items())
            )
        case "yaml":
            Path("application.yml").write_text(json.dumps(written))
        case _:
            argv = [f"--{name}={value}", "--spring.config.import=optional:configtree:./tree/"]
            Path("tree").mkdir(exist_ok=True)
            Path("tree/db.password").write_text(SECRET)
    load(argv, environ)
    for path in ("application.properties", "application.yml", "tree/db.password"):
        Path(path).unlink(missing_ok=True)


@SOME_FILES
@given(
    st.sampled_from([*NAMES, "some", "other.name", "spring", "management", "python-processor"]),
    st.sampled_from(MISSPELT),
    st.sampled_from(["argv", "json", "env"]),
)
def test_secret_under_foreign_name(prefix: str, rest: str, way: str) -> None:
    prefix = prefix.removesuffix(".*")
    name = f"{prefix}.{rest}"
    if prefix.startswith(THE_USERS_OWN):
        return
    match way:
        case "argv":
            load([f"--{name}={SECRET}"], {})
        case "json":
            load([], {"SPRING_APPLICATION_JSON": json.dumps({name: SECRET})})
        case _:
            load([], {name.upper().replace(".", "_").replace("-", ""): SECRET})


@SOME_FILES
@given(
    st.sampled_from([*NAMES, "some.name", "function"]),
    st.sampled_from(HIDING),
    st.sampled_from(["argv", "json", "env"]),
)
def test_secret_inside_a_value(name: str, hiding: str, way: str) -> None:
    _load_one(name.replace(".*", ".k"), hiding.format(SECRET), way)


@SOME_FILES
@given(
    st.sampled_from([*NAMES, "info.x", "function"]).map(lambda name: name.replace(".*", ".k")),
    st.sampled_from(SECRET_NAMES),
    st.sampled_from(["x${}", f"x{SECRET}", f"kafka:{SECRET}"]),
    st.sampled_from(["argv", "json", "env"]),
)
def test_secret_of_another_property(name: str, secret: str, value: str, way: str) -> None:
    written = {name: value.replace("${}", f"${{{secret}}}")}
    match way:
        case "argv":
            load([f"--{key}={each}" for key, each in ({secret: SECRET} | written).items()], {})
        case "json":
            load([], {"SPRING_APPLICATION_JSON": json.dumps({secret: SECRET} | written)})
        case _:
            load([f"--{secret}={SECRET}"], {_variable(name): value})


@SOME_FILES
@given(
    st.sampled_from([*NAMES, *SECRET_NAMES, "some.name"]),
    st.sampled_from([":", ": ", "::"]),
    st.sampled_from(["", "=", "x"]),
    st.sampled_from(["argv", "json"]),
)
def test_secret_behind_a_colon(name: str, sign: str, value: str, way: str) -> None:
    if name.startswith(THE_USERS_OWN) and value == "x":
        return  # a key of the user's own
    _load_one(f"{name.replace('.*', '.k')}{sign}{SECRET}", value, way)


def _variable(name: str) -> str:
    return name.upper().replace(".", "_").replace("-", "")


def _load_one(name: str, value: str, way: str) -> None:
    match way:
        case "argv":
            load([f"--{name}={value}"], {})
        case "json":
            load([], {"SPRING_APPLICATION_JSON": json.dumps({name: value})})
        case _:
            load([], {_variable(name): value})


@SOME_FILES
@given(
    st.lists(
        st.sampled_from(
            [
                SECRET,
                f"password={SECRET}",
                f"-p{SECRET}",
                "--password",
                f"-Dx.password={SECRET}",
                "-jar",
                "x.jar",
            ]
        ),
        max_size=5,
    )
)
def test_secret_as_a_word(argv: list[str]) -> None:
    load(argv, {})
