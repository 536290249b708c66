"""Settings for every way to log in, and for those that fail."""

from collections.abc import Callable

from tests.support.brokers.certificates import STORE_PASSWORD
from tests.support.brokers.secured import PASSWORD, USER, SecuredKafka, login

BINDER = "spring.cloud.stream.kafka.binder"
CONFIGURATION = f"{BINDER}.configuration"
PLAIN, SCRAM = "plain.PlainLoginModule", "scram.ScramLoginModule"


Settings = dict[str, str]
Make = Callable[[SecuredKafka], Settings]


# ---- what works


def plain(kafka: SecuredKafka) -> Settings:
    return {
        f"{BINDER}.brokers": f"SASL_SSL://{kafka.sasl}",
        f"{CONFIGURATION}.security.protocol": "SASL_SSL",
        f"{CONFIGURATION}.sasl.mechanism": "PLAIN",
        f"{CONFIGURATION}.sasl.jaas.config": login(PLAIN),
        f"{CONFIGURATION}.ssl.truststore.location": f"file:{kafka.stores / 'trust.pem'}",
        f"{CONFIGURATION}.ssl.truststore.type": "PEM",
    }


def scram_256(kafka: SecuredKafka) -> Settings:
    return plain(kafka) | {
        f"{CONFIGURATION}.sasl.mechanism": "SCRAM-SHA-256",
        f"{CONFIGURATION}.sasl.jaas.config": login(SCRAM),
        f"{CONFIGURATION}.ssl.truststore.location": str(kafka.stores / "trust.p12"),
        f"{CONFIGURATION}.ssl.truststore.password": STORE_PASSWORD,
        f"{CONFIGURATION}.ssl.truststore.type": "PKCS12",
    }


def scram_512_by_the_binders_jaas(kafka: SecuredKafka) -> Settings:
    settings = scram_256(kafka) | {
        f"{CONFIGURATION}.sasl.mechanism": "SCRAM-SHA-512",
        f"{BINDER}.jaas.loginModule": login(SCRAM).partition(" ")[0],
        f"{BINDER}.jaas.options.username": USER,
        f"{BINDER}.jaas.options.password": PASSWORD,
    }
    del settings[f"{CONFIGURATION}.sasl.jaas.config"]
    return settings


def scram_512_by_spring_boot(kafka: SecuredKafka) -> Settings:
    return {
        "spring.kafka.bootstrap-servers": kafka.sasl,
        f"{BINDER}.brokers": "localhost",  # the binder's default: Spring Boot's count
        "spring.kafka.security.protocol": "SASL_SSL",
        "spring.kafka.properties.sasl.mechanism": "SCRAM-SHA-512",
        "spring.kafka.jaas.enabled": "true",
        "spring.kafka.jaas.login-module": login(SCRAM).partition(" ")[0],
        "spring.kafka.jaas.options.username": USER,
        "spring.kafka.jaas.options.password": PASSWORD,
        "spring.kafka.ssl.trust-store-certificates": (kafka.stores / "trust.pem").read_text(),
    }


def mutual_tls(kafka: SecuredKafka) -> Settings:
    return {
        f"{BINDER}.brokers": kafka.tls,
        f"{CONFIGURATION}.security.protocol": "SSL",
        f"{CONFIGURATION}.ssl.truststore.location": str(kafka.stores / "trust.p12"),
        f"{CONFIGURATION}.ssl.truststore.password": STORE_PASSWORD,
        f"{CONFIGURATION}.ssl.keystore.location": str(kafka.stores / "client.p12"),
        f"{CONFIGURATION}.ssl.keystore.password": STORE_PASSWORD,
    }


def mutual_tls_with_pem_by_spring_boot(kafka: SecuredKafka) -> Settings:
    return {
        f"{BINDER}.brokers": kafka.tls,
        "spring.kafka.security.protocol": "SSL",
        "spring.kafka.ssl.trust-store-location": f"file:{kafka.stores / 'trust.pem'}",
        "spring.kafka.ssl.trust-store-type": "PEM",
        "spring.kafka.ssl.key-store-location": f"file:{kafka.stores / 'client-locked.pem'}",
        "spring.kafka.ssl.key-store-type": "PEM",
        "spring.kafka.ssl.key-password": STORE_PASSWORD,
    }


# ---- what one side refuses


def wrong_password(kafka: SecuredKafka) -> Settings:
    return plain(kafka) | {f"{CONFIGURATION}.sasl.jaas.config": login(PLAIN, password="wr0ng")}  # noqa: S106 - it is wrong


def wrong_scram_password(kafka: SecuredKafka) -> Settings:
    return scram_256(kafka) | {f"{CONFIGURATION}.sasl.jaas.config": login(SCRAM, password="wr0ng")}  # noqa: S106 - it is wrong


def unknown_broker(kafka: SecuredKafka) -> Settings:
    return plain(kafka) | {
        f"{CONFIGURATION}.ssl.truststore.location": str(kafka.stores / "trust-stranger.pem")
    }


def expired_broker(kafka: SecuredKafka) -> Settings:
    return mutual_tls(kafka) | {f"{BINDER}.brokers": kafka.expired}


def wrong_host_name(kafka: SecuredKafka) -> Settings:
    return plain(kafka) | {f"{BINDER}.brokers": kafka.sasl.replace("127.0.0.1", "localhost")}


def unknown_client(kafka: SecuredKafka) -> Settings:
    return mutual_tls_with_pem_by_spring_boot(kafka) | {
        "spring.kafka.ssl.key-store-location": str(kafka.stores / "client-stranger.pem"),
    }


def expired_client(kafka: SecuredKafka) -> Settings:
    return mutual_tls(kafka) | {
        f"{CONFIGURATION}.ssl.keystore.location": str(kafka.stores / "client-expired.p12")
    }


def no_client_certificate(kafka: SecuredKafka) -> Settings:
    return {name: value for name, value in mutual_tls(kafka).items() if "keystore" not in name}


def no_tls(kafka: SecuredKafka) -> Settings:
    return plain(kafka) | {f"{BINDER}.brokers": kafka.bootstrap}


def no_sasl(kafka: SecuredKafka) -> Settings:
    return plain(kafka) | {
        f"{BINDER}.brokers": kafka.bootstrap,
        f"{CONFIGURATION}.security.protocol": "SASL_PLAINTEXT",
    }


def no_security(kafka: SecuredKafka) -> Settings:
    return {f"{BINDER}.brokers": kafka.tls}


def no_login(kafka: SecuredKafka) -> Settings:
    return {
        f"{BINDER}.brokers": kafka.sasl,
        f"{CONFIGURATION}.security.protocol": "SSL",
        f"{CONFIGURATION}.ssl.truststore.location": f"file:{kafka.stores / 'trust.pem'}",
        f"{CONFIGURATION}.ssl.truststore.type": "PEM",
    }
