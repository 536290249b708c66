"""Names and values that Boot takes, and that look like a mistake: they are allowed."""

from pathlib import Path

import pytest

import config
from tests.support.config.refusals import SECRET, refusal


@pytest.mark.parametrize(
    "used",
    [
        "${SPRING_KAFKA_USERNAME}",
        "${spring.kafka.username}",
        "${SPRING_KAFKA_USERNAME:x}",
        "a${spring.kafka.username}b",
    ],
)
def test_variable_that_a_placeholder_names(used: str) -> None:
    found = config.load([f"--spring.kafka.client-id={used}"], {"SPRING_KAFKA_USERNAME": "joe"})
    assert "joe" in found.boot_common["client-id"]
    assert found.warnings == ()
    refusal(SPRING_KAFKA_USERNAME="joe")
    refusal("--spring.kafka.client-id=${SPRING_KAFKA_USER}", SPRING_KAFKA_USERNAME="joe")


def test_placeholder_allows_no_known_name() -> None:
    for name in ("spring.kafka.ssl.bundle", "server.ssl.key-store", "spring.cloud.config.uri"):
        assert "is not allowed" in refusal(f"--{name}=x", f"--spring.kafka.client-id=${{{name}}}")


@pytest.mark.parametrize(
    "part",
    [
        "server.ssl",
        "management.server.ssl",
        *(
            f"spring.cloud.{each}"
            for each in ("config", "consul", "kubernetes", "vault", "zookeeper")
        ),
        "spring.cloud.consul.config",
    ],
)
def test_part_that_is_switched_off(part: str) -> None:
    for off in ("false", "off", "no", "0", "FALSE"):
        given = config.load([f"--{part}.enabled={off}", f"--{part}.uri=x", f"--{part}.a.b=x"], {})
        assert given.warnings == ()
    for on in ("true", "", "none"):
        assert "is not allowed" in refusal(f"--{part}.enabled={on}", f"--{part}.uri=x")
    assert "is not allowed" in refusal(f"--{part}.enabled=false", "--spring.ssl.bundle.pem.x.y=z")


def test_key_store_in_a_config_tree(tmp_path: Path) -> None:
    """A Secret of Strimzi has ca.p12 beside ca.password."""
    (tmp_path / "ca.p12").write_bytes(b"\xfe\xed\xfe\xed\xff\x00")
    (tmp_path / "ca.password").write_text(SECRET)
    tree = f"--spring.config.import=configtree:{tmp_path}/"
    found = config.load(
        [
            tree,
            "--spring.kafka.ssl.trust-store-password=${ca.password}",
            "--spring.kafka.security.protocol=PLAINTEXT",
        ],
        {},
    )
    assert found.boot_common["ssl.trust-store-password"] == SECRET
    assert "spring.kafka.client-id" in refusal(tree, "--spring.kafka.client-id=${ca.p12}")


@pytest.mark.parametrize("switch", ["server.enabled", "spring.cloud.enabled", "spring.enabled"])
def test_switch_above_the_part(switch: str) -> None:
    for name in ("server.ssl.key-store", "spring.cloud.config.uri"):
        assert "is not allowed" in refusal(f"--{switch}=false", f"--{name}=x")
