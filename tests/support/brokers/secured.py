"""A real Apache Kafka that also listens with SASL over TLS and with mutual TLS."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclBindingFilter, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.support import children
from tests.support.brokers.certificates import write_stores
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import SECONDS

USER, PASSWORD = "me", 'p"a\\ss;word'  # with what JAAS has to escape
_COMMON = "org.apache.kafka.common.security"


class SecuredKafka(Kafka):
    """One node. Brokers talk to each other, and the tests' own clients to them, without any of
    that.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "kafka")
        # The last: a late certificate.
        self.sasl, self.tls, self.expired = (f"127.0.0.1:{children.free_port()}" for _ in range(3))
        self.stores = folder / "stores"

    def start(self) -> None:
        write_stores(self.stores)
        super().start()
        self.set_password(PASSWORD)

    def set_password(self, password: str) -> None:
        """Of USER, for SCRAM."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):
            credential = UserScramCredentialUpsertion(
                USER, ScramCredentialInfo(mechanism, 4096), password.encode()
            )
            admin.alter_user_scram_credentials([credential])[USER].result(SECONDS)

    def allow_only(self, operation: AclOperation, topic: str) -> None:
        """From now on USER may do nothing else with the topic."""
        rule = AclBinding(
            ResourceType.TOPIC,
            topic,
            ResourcePatternType.LITERAL,
            f"User:{USER}",
            "*",
            operation,
            AclPermissionType.ALLOW,
        )
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        admin.create_acls([rule])[rule].result(SECONDS)

    @contextmanager
    def denied(self, operation: AclOperation, kind: ResourceType, name: str) -> Iterator[None]:
        """USER may not do that while the context lasts."""
        what = (
            kind,
            name,
            ResourcePatternType.LITERAL,
            f"User:{USER}",
            "*",
            operation,
            AclPermissionType.DENY,
        )
        rule, rules = AclBinding(*what), AclBindingFilter(*what)
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        admin.create_acls([rule])[rule].result(SECONDS)
        try:
            yield
        finally:
            admin.delete_acls([rules])[rules].result(SECONDS)

    def _settings(self, node: int) -> dict[str, object]:
        settings = super()._settings(node)
        more = f",SASL_SSL://{self.sasl},SSL://{self.tls},EXPIRED://{self.expired}"
        return settings | {
            "listeners": f"{settings['listeners']}{more}",
            "advertised.listeners": f"{settings['advertised.listeners']}{more}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,EXPIRED:SSL",  # noqa: E501 - one text
            "inter.broker.listener.name": "PLAINTEXT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",  # who comes without TLS
            "allow.everyone.if.no.acl.found": "true",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.stores / "broker.pem",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.stores / "trust.pem",
            "listener.name.ssl.ssl.client.auth": "required",
            "listener.name.expired.ssl.keystore.location": self.stores / "broker-expired.pem",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            # a file of properties takes the backslashes of JAAS for its own
            "listener.name.sasl_ssl.plain.sasl.jaas.config": login(
                "plain.PlainLoginModule", f"user_{USER}"
            ).replace("\\", "\\\\"),
            "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": (
                f"{_COMMON}.scram.ScramLoginModule required;"
            ),
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                f"{_COMMON}.scram.ScramLoginModule required;"
            ),
        }


def login(module: str, password_option: str = "password", password: str = PASSWORD) -> str:  # noqa: S107 - the name of an option
    """The text of sasl.jaas.config."""
    escaped = password.replace("\\", "\\\\").replace('"', '\\"')
    return f'{_COMMON}.{module} required username="{USER}" {password_option}="{escaped}";'
