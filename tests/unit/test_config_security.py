"""TLS and SASL as Spring users write them, in librdkafka's words; and no secret in any line."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import confluent_kafka
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

import config
from config import jaas, kafka
from config.errors import SettingsError
from config.javaclient import Config
from config.report import lines

CONFIGURATION = "--spring.cloud.stream.kafka.binder.configuration"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
KERBEROS = "com.sun.security.auth.module.Krb5LoginModule"
TOKENS = "https://idp.example.com/token"
SECRET = "s3cr3t-Pa55"  # noqa: S105 - what must not appear anywhere


def argv(**properties: str) -> list[str]:
    """`sasl__mechanism="PLAIN"` as a property of the binder's configuration."""
    return [f"{CONFIGURATION}.{name.replace('__', '.')}={value}" for name, value in properties.items()]


def given_to_all(arguments: list[str]) -> Config:
    """What consumer, producer and admin client are given alike."""
    settings = config.load(arguments, {})
    configs = [kafka.consumer_config(settings), kafka.producer_config(settings), kafka.admin_config(settings)]
    same = {
        name: value
        for name, value in configs[0].items()
        if name.startswith(("ssl.", "sasl.", "https.", "security.", "enable.sasl"))
    }
    assert all(each.items() >= same.items() for each in configs)
    confluent_kafka.Producer(configs[1] | {"log_level": 0})
    assert SECRET not in "\n".join([repr(settings), *lines(settings), *settings.warnings, *settings.notices])
    return same


def refusal(arguments: list[str]) -> str:
    with pytest.raises(SettingsError) as caught:
        config.load(arguments, {})
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('m.Mod required username="u" password="p";', {"username": "u", "password": "p"}),
        ("m.Mod REQUIRED a=b c=d ;", {"a": "b", "c": "d"}),
        ("m.Mod required;", {}),
        ('m.Mod optional a="x = y; z";', {"a": "x = y; z"}),
        (r'm.Mod required a="say \"hi\" \\ \n \101 \q";', {"a": 'say "hi" \\ \n A q'}),
        ("m.Mod required a='it is';", {"a": "it is"}),
        ('\n  m.Mod\n  required // comment\n  a="b" /* more */ ;\nother.Mod required;\n', {"a": "b"}),
        ('m.Mod required token="a.b-c_d+e/f==";', {"token": "a.b-c_d+e/f=="}),
        ('m.Mod required a="";', {"a": ""}),
    ],
)
def test_jaas_text(text: str, options: dict[str, str]) -> None:
    assert jaas.parse(text) == ("m.Mod", options)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with a login module"),
        ("m.Mod", "does not begin with a login module"),
        ("m.Mod maybe a=b;", "does not begin with a login module"),
        ('m.Mod required a="b"', "semicolon"),
        ("m.Mod required a=;", "option number 1 is not"),
        ("m.Mod required a=b c;", "option number 2 is not"),
        ("m.Mod required =b;", "option number 1 is not"),
        ('m.Mod required a="b;', "quotation mark"),
    ],
)
def test_broken_jaas_text(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        jaas.parse(text)


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_login_written_is_read_back(options: dict[str, str]) -> None:
    login = jaas.Login("a.B", options)
    assert jaas.parse(jaas.written(login)) == login


@pytest.mark.parametrize(
    ("mechanism", "module"), [("PLAIN", PLAIN), ("plain", PLAIN), ("SCRAM-SHA-256", SCRAM), ("SCRAM-SHA-512", SCRAM)]
)
def test_name_and_password(mechanism: str, module: str) -> None:
    login = f'{module} required username="me" password="{SECRET} \\"x\\"";'
    for protocol in ("SASL_PLAINTEXT", "SASL_SSL"):
        assert given_to_all(argv(security__protocol=protocol, sasl__mechanism=mechanism, sasl__jaas__config=login)) == {
            "security.protocol": protocol.lower(),
            "sasl.mechanism": mechanism.upper(),
            "sasl.username": "me",
            "sasl.password": f'{SECRET} "x"',
        }


@pytest.mark.parametrize(
    "given", [{"sasl__mechanism": "PLAIN"}, {"ssl__truststore__location": "/none"}, {"sasl__jaas__config": "x"}]
)
def test_security_without_a_protocol(given: dict[str, str]) -> None:
    """Java drops these in silence; here PLAINTEXT has to be said."""
    with pytest.raises(SettingsError, match=r"has no effect without security\.protocol"):
        config.load(argv(**given), {})
    assert given_to_all(argv(**given, security__protocol="PLAINTEXT")) == {"security.protocol": "plaintext"}


@pytest.mark.parametrize(
    "arguments",
    [
        [
            "--spring.kafka.jaas.enabled=true",
            f"--spring.kafka.jaas.login-module={PLAIN}",
            "--spring.kafka.jaas.options.username=me",
            f"--spring.kafka.jaas.options.password={SECRET}",
        ],
        [
            f"--spring.cloud.stream.kafka.binder.jaas.loginModule={PLAIN}",
            "--spring.cloud.stream.kafka.binder.jaas.options.username=me",
            f"--spring.cloud.stream.kafka.binder.jaas.options.password={SECRET}",
        ],
    ],
)
def test_springs_own_ways_to_say_a_login(arguments: list[str]) -> None:
    sasl = argv(security__protocol="SASL_PLAINTEXT", sasl__mechanism="PLAIN")
    assert given_to_all([*sasl, *arguments])["sasl.password"] == SECRET
    login = f'{PLAIN} required username="other" password="{SECRET}";'
    assert given_to_all([*sasl, *arguments, *argv(sasl__jaas__config=login)])["sasl.username"] == "other"


def test_spring_boots_login_counts_once_it_is_enabled() -> None:
    arguments = [f"--spring.kafka.jaas.login-module={PLAIN}", "--spring.kafka.jaas.options.username=me"]
    told = refusal([*arguments, *argv(security__protocol="SASL_SSL", sasl__mechanism="PLAIN")])
    assert "needs credentials: set sasl.jaas.config beside it" in told


def test_oauth_client_credentials() -> None:
    login = f'{OAUTH} required clientId="me" clientSecret="{SECRET}" scope="a b" extension_cluster="lkc-1" extension_pool="p";'
    arguments = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=login,
        sasl__oauthbearer__token__endpoint__url=TOKENS,
        sasl__login__callback__handler__class="org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
    )
    assert given_to_all(arguments) == {
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "me",
        "sasl.oauthbearer.client.secret": SECRET,
        "sasl.oauthbearer.scope": "a b",
        "sasl.oauthbearer.extensions": "cluster=lkc-1,pool=p",
        "sasl.oauthbearer.token.endpoint.url": "https://idp.example.com/token",
    }
    newer = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=f"{OAUTH} required;",
        sasl__oauthbearer__client__credentials__client__id="me",
        sasl__oauthbearer__client__credentials__client__secret=SECRET,
        sasl__oauthbearer__token__endpoint__url=TOKENS,
    )
    assert given_to_all(newer)["sasl.oauthbearer.client.secret"] == SECRET


def test_an_unsecured_token_for_tests() -> None:
    login = f'{OAUTH} required unsecuredLoginStringClaim_sub="me";'
    given = given_to_all(argv(security__protocol="SASL_PLAINTEXT", sasl__mechanism="OAUTHBEARER", sasl__jaas__config=login))
    assert (given["enable.sasl.oauthbearer.unsecure.jwt"], given["sasl.oauthbearer.config"]) == (True, "principal=me")


@pytest.mark.parametrize(
    ("mechanism", "login", "words"),
    [
        ("GSSAPI", f'{KERBEROS} required keyTab="/k";', "Kerberos needs libraries"),
        ("", "", "Kerberos needs libraries"),
        ("PLAIN", f"{KERBEROS} required;", "Kerberos needs libraries"),
        ("AWS_MSK_IAM", "software.amazon.msk.auth.iam.IAMLoginModule required;", "usable mechanisms are PLAIN, SCRAM-SHA-256"),
        ("PLAIN", "", "set sasl.jaas.config beside it"),
        ("PLAIN", f'{SCRAM} required username="u" password="{SECRET}";', "PLAIN goes with PlainLoginModule, not ScramLoginModule"),
        ("PLAIN", f'my.own.Module required password="{SECRET}";', "not Module"),
        ("PLAIN", f'{PLAIN} required username="u" password="{SECRET}"', "the semicolon at its end is missing"),
        ("PLAIN", f'{PLAIN} required password="{SECRET}";', "it needs username and password"),
        ("SCRAM-SHA-512", f'{SCRAM} required username="u" password="{SECRET}" tokenauth="true";', "delegation tokens"),
        ("OAUTHBEARER", f'{OAUTH} required clientId="u" clientSecret="{SECRET}";', "set sasl.oauthbearer.token.endpoint.url"),
    ],
)
def test_a_login_that_cannot_work_is_refused_at_once(mechanism: str, login: str, words: str) -> None:
    assert words in refusal(argv(security__protocol="SASL_SSL", sasl__mechanism=mechanism, sasl__jaas__config=login))


class Party(NamedTuple):
    """Somebody with a key and a certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def key_pem(self, encryption: KeySerializationEncryption | None = None) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def party(name: str, issuer: Party | None = None) -> Party:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.certificate.subject if issuer else subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    return Party(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


AUTHORITY = party("authority")
CLIENT = party("client", AUTHORITY)
LOCK = BestAvailableEncryption(SECRET.encode())


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """A folder with stores of every kind."""
    trusted = [pkcs12.PKCS12Certificate(AUTHORITY.certificate, b"ca"), pkcs12.PKCS12Certificate(CLIENT.certificate, b"other")]
    chain = [AUTHORITY.certificate]
    contents = {
        "trust.p12": pkcs12.serialize_java_truststore(trusted, LOCK),
        "plain.p12": pkcs12.serialize_key_and_certificates(None, None, None, [AUTHORITY.certificate], NoEncryption()),
        "trust.pem": f"# the authority\n{AUTHORITY.pem()}".encode(),
        "client.p12": pkcs12.serialize_key_and_certificates(b"me", CLIENT.key, CLIENT.certificate, chain, LOCK),
        "client.pem": f"{CLIENT.key_pem()}{CLIENT.pem()}{AUTHORITY.pem()}".encode(),
        "locked.pem": f"{CLIENT.key_pem(LOCK)}{CLIENT.pem()}{AUTHORITY.pem()}".encode(),
        "old.jks": b"\xfe\xed\xfe\xed\x00\x00\x00\x02",
        "rubbish.p12": b"\x30\x82rubbish",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("scheme", ["", "file:", "file://"])
@pytest.mark.parametrize(("name", "password"), [("trust.p12", SECRET), ("plain.p12", ""), ("trust.pem", "")])
def test_trust_stores(stores: Path, name: str, password: str, scheme: str) -> None:
    given = given_to_all(
        argv(security__protocol="SSL", ssl__truststore__location=f"{scheme}{stores / name}", ssl__truststore__password=password)
    )
    assert AUTHORITY.pem() in str(given["ssl.ca.pem"])


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("client.p12", {"ssl__keystore__password": SECRET}),
        ("client.pem", {}),
        ("client.pem", {"ssl__key__password": SECRET}),
        ("locked.pem", {"ssl__key__password": SECRET}),
    ],
)
def test_key_stores(stores: Path, name: str, properties: dict[str, str]) -> None:
    given = given_to_all(argv(security__protocol="SSL", ssl__keystore__location=str(stores / name), **properties))
    assert given["ssl.certificate.pem"] == CLIENT.pem() + AUTHORITY.pem()
    assert given["ssl.key.pem"] == CLIENT.key_pem()


@pytest.mark.parametrize("line_break", ["\n", "\\n"])
def test_pem_texts_in_spring_boots_names(line_break: str) -> None:
    texts = {
        "trust-store-certificates": AUTHORITY.pem(),
        "key-store-key": CLIENT.key_pem(LOCK),
        "key-store-certificate-chain": CLIENT.pem(),
        "key-password": SECRET,
    }
    arguments = [f"--spring.kafka.ssl.{name}={text.replace(chr(10), line_break)}" for name, text in texts.items()]
    assert given_to_all(["--spring.kafka.security.protocol=SSL", *arguments]) == {
        "security.protocol": "ssl",
        "ssl.ca.pem": AUTHORITY.pem(),
        "ssl.certificate.pem": CLIENT.pem(),
        "ssl.key.pem": CLIENT.key_pem(),
    }


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"ssl__truststore__location": "none.p12"}, "cannot be read: No such file or directory"),
        ({"ssl__truststore__location": "."}, "cannot be read: Is a directory"),
        ({"ssl__truststore__location": "trust.p12", "ssl__truststore__password": "wrong"}, "or its password is wrong"),
        ({"ssl__truststore__location": "rubbish.p12"}, "is not a PKCS12 store"),
        ({"ssl__truststore__location": "classpath:trust.p12"}, "classpath: locations cannot be read here"),
        ({"ssl__keystore__location": "trust.p12", "ssl__keystore__password": SECRET}, "holds no private key"),
        ({"ssl__keystore__location": "trust.pem"}, "there is no PEM private key in it"),
        ({"ssl__keystore__location": "locked.pem"}, "ssl.key.password is not set"),
        ({"ssl__keystore__location": "locked.pem", "ssl__key__password": "wrong"}, "or ssl.key.password is wrong"),
        ({"ssl__truststore__certificates": "rubbish"}, "there is no valid PEM certificate in it"),
        ({"ssl__endpoint__identification__algorithm": "ldap"}, "allowed is https, or nothing"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_line(
    stores: Path, monkeypatch: pytest.MonkeyPatch, properties: dict[str, str], words: str
) -> None:
    monkeypatch.chdir(stores)
    assert words in refusal(argv(security__protocol="SSL", **properties))


def test_a_jks_store_is_refused_with_the_line_that_converts_it(stores: Path) -> None:
    store = stores / "old.jks"
    assert (
        f"keytool -importkeystore -srckeystore {store} -destkeystore {stores / 'old.p12'} -deststoretype PKCS12, "
        f"and set the location to {stores / 'old.p12'}"
    ) in refusal(argv(security__protocol="SSL", ssl__truststore__location=str(store), ssl__truststore__type="PKCS12"))


def test_the_check_of_host_names() -> None:
    assert given_to_all(argv(security__protocol="SSL")) == {"security.protocol": "ssl"}
    for value in ("", "none"):
        given = given_to_all(argv(security__protocol="SSL", ssl__endpoint__identification__algorithm=value))
        assert given["ssl.endpoint.identification.algorithm"] == "none"


@pytest.mark.parametrize(
    ("java", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "DHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
    ],
)
def test_cipher_suites(java: str, openssl: str) -> None:
    assert given_to_all(argv(security__protocol="SSL", ssl__cipher__suites=java))["ssl.cipher.suites"] == openssl


def test_the_token_endpoint_is_trusted_by_the_same_store(stores: Path) -> None:
    arguments = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=f'{OAUTH} required clientId="me" clientSecret="{SECRET}";',
        sasl__oauthbearer__token__endpoint__url=TOKENS,
        ssl__truststore__location=str(stores / "trust.pem"),
    )
    assert given_to_all(arguments)["https.ca.pem"] == AUTHORITY.pem()
