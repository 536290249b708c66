"""TLS and SASL: Java's properties under librdkafka's names. Secrets stay in memory."""

import re
from collections.abc import Mapping

from config.errors import SettingsError
from config.kafka.java_properties import TABLE
from config.kafka.java_property import ClientProperty, Config
from config.librdkafka import jaas
from config.librdkafka.half_set import refuse_half_set

_JAVA = "org.apache.kafka.common.security"
_MODULES = {
    "PLAIN": f"{_JAVA}.plain.PlainLoginModule",
    "SCRAM-SHA-256": f"{_JAVA}.scram.ScramLoginModule",
    "SCRAM-SHA-512": f"{_JAVA}.scram.ScramLoginModule",
    "OAUTHBEARER": f"{_JAVA}.oauthbearer.OAuthBearerLoginModule",
}
_USABLE = f"usable mechanisms are {', '.join(_MODULES)}"
_MSK = (
    "it needs Amazon's signer, which is not here; MSK also takes SCRAM-SHA-512 (port 9096) and "
    "client certificates (SSL, port 9094)"
)
# Options of Strimzi's login module, and the options or properties that stand for them here.
_STRIMZI = {
    "oauth.client.id": "clientId",
    "oauth.client.secret": "clientSecret",
    "oauth.scope": "scope",
    "oauth.token.endpoint.uri": "sasl.oauthbearer.token.endpoint.url",
}
_KERBEROS = f"Kerberos needs libraries this program does not have; {_USABLE}"
# If one of these were empty, the operating system's trust store, or no identity, would be used.
_STORES = (
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.keystore.key",
    "ssl.keystore.location",
)
Java = Mapping[str, ClientProperty]


def security(java: Java) -> Config:
    """Translate `ssl.*` and `sasl.*` for the `security.protocol`.

    Java silently drops them without a protocol. Here that is refused, so that no security that a
    user asked for is dropped.

    Args:
        java: The client's properties by Java's names.

    Raises:
        SettingsError: A property cannot be used. The text is one line.
    """
    _refuse_empty(java, "security.protocol")
    used = {
        name: given
        for name, given in java.items()
        if given.value or name == "ssl.endpoint.identification.algorithm"
    }
    if "security.protocol" not in used:
        for name, given in used.items():
            row = TABLE.get(name)
            if (
                name.startswith(("ssl.", "sasl."))
                and given.value
                and row
                and row.verdict == "translated"
            ):
                raise SettingsError(
                    f"{given.name} ({given.origin}) has no effect without security.protocol, "
                    f"which is not set: set it to SSL, "
                    "SASL_PLAINTEXT or SASL_SSL, or to PLAINTEXT to go without"
                )
    protocol = protocol_of(used)
    if protocol.endswith("ssl"):
        _refuse_empty(java, *_STORES)
        refuse_half_set({name: given for name, given in used.items() if given.value})
    tls = _tls(used) if protocol.endswith("ssl") else {}
    return tls | (_sasl(used) if protocol.startswith("sasl") else {})


def protocol_of(java: Java) -> str:
    """Return security.protocol in lower case. Raises SettingsError for a word that is none."""
    given = java.get("security.protocol")
    found: str = given.parse(TABLE["security.protocol"].kind) if given else "plaintext"
    return found


def _refuse_empty(java: Java, *names: str) -> None:
    """Refuse an empty value, which a missing key of a Secret causes. Java refuses these, too."""
    for given in filter(None, map(java.get, names)):
        if not given.value:
            raise SettingsError(
                f"{given.name} ({given.origin}) is set to nothing: set it, or leave it out"
            )


def _tls(java: Java) -> Config:
    from config.librdkafka import keystores  # noqa: PLC0415 - importing cryptography takes 40 ms, which only TLS needs

    config: Config = {}
    if given := java.get("ssl.truststore.certificates"):
        config["ssl.ca.pem"] = given.used(keystores.certificates)
    elif given := java.get("ssl.truststore.location"):
        config["ssl.ca.pem"] = given.used(
            lambda location: keystores.trusted(location, _text(java, "ssl.truststore.password"))
        )
    if given := java.get("ssl.keystore.key"):
        chain = _text(java, "ssl.keystore.certificate.chain") or ""
        identity = given.used(
            lambda key: keystores.identity_of(chain, key, _text(java, "ssl.key.password"))
        )
        config |= {"ssl.certificate.pem": identity.certificates, "ssl.key.pem": identity.key}
    elif given := java.get("ssl.keystore.location"):
        passwords = _text(java, "ssl.keystore.password"), _text(java, "ssl.key.password")
        identity = given.used(lambda location: keystores.identity(location, *passwords))
        config |= {"ssl.certificate.pem": identity.certificates, "ssl.key.pem": identity.key}
    return config | _same(java, "ssl.endpoint.identification.algorithm", "ssl.cipher.suites")


def _sasl(java: Java) -> Config:
    given = java.get("sasl.mechanism") or ClientProperty(
        "sasl.mechanism", "GSSAPI", "default of Kafka's clients"
    )
    mechanism = given.value.strip().upper()
    if mechanism not in _MODULES:
        reason = {"GSSAPI": _KERBEROS, "AWS_MSK_IAM": f"{_MSK}; {_USABLE}"}.get(mechanism, _USABLE)
        raise SettingsError(f"{given.describe()} is not allowed: {reason}")
    written = java.get("sasl.jaas.config")
    if not written:
        raise SettingsError(f"{given.describe()} needs credentials: set sasl.jaas.config beside it")
    login = written.used(jaas.parse)
    if login.module != _MODULES[mechanism]:
        reason = (
            _KERBEROS
            if login.module.endswith(".Krb5LoginModule")
            else f"{mechanism} goes with {_MODULES[mechanism]}, not {_class_name(login.module)}"
        )
        raise SettingsError(f"{written.describe()} is not allowed: {reason}")
    found = _oauth(java, login.options) if mechanism == "OAUTHBEARER" else _user(login.options)
    if isinstance(found, str):
        raise SettingsError(f"{written.describe()} is not allowed: {found}")
    return {"sasl.mechanism": mechanism} | found


def _class_name(module: str) -> str:
    """Return the module for an error. Text that is no class name may be a password."""
    return module if re.fullmatch(r"[\w$.]{1,200}Module", module) else "another text"


def _user(options: Mapping[str, str]) -> Config | str:
    """Return name and password, or the error."""
    if options.get("tokenauth", "").lower() == "true":
        return "delegation tokens (tokenauth) cannot be used"
    if not options.get("username") or not options.get("password"):
        return "it needs username and password, neither of them empty"
    return {"sasl.username": options["username"], "sasl.password": options["password"]}


def _oauth(java: Java, options: Mapping[str, str]) -> Config | str:
    """Return credentials for a token endpoint, an unsecured token, or the error."""
    if subject := options.get("unsecuredLoginStringClaim_sub"):
        return {
            "enable.sasl.oauthbearer.unsecure.jwt": True,
            "sasl.oauthbearer.config": f"principal={subject}",
        }
    for option in options:
        if option.startswith("oauth.") and option not in _STRIMZI:
            return (
                f"Strimzi's option {option[:60]} is not understood; understood are "
                f"{', '.join(_STRIMZI)}"
            )
    for option in options:
        if option.startswith(("ssl.", "sasl.")):
            return f"set {option[:60]} beside it: it is not read from a login"
    given: dict[str, str] = {}
    for (
        option,
        value,
    ) in options.items():  # of two names for one option the higher source's is first
        given.setdefault(_STRIMZI.get(option, option), value)
    options = given
    config: Config = {
        url: options[url] for url in [_STRIMZI["oauth.token.endpoint.uri"]] if url in options
    }
    config |= _same(java, *(name for name in TABLE if name.startswith("sasl.oauthbearer.")))
    named = {"clientId": "client.id", "clientSecret": "client.secret", "scope": "scope"}
    config |= {
        f"sasl.oauthbearer.{native}": options[option]
        for option, native in named.items()
        if option in options
    }
    extensions = (
        f"{name.removeprefix('extension_')}={value}"
        for name, value in options.items()
        if name.startswith("extension_")
    )
    config["sasl.oauthbearer.extensions"] = ",".join(extensions)
    if "sasl.oauthbearer.token.endpoint.url" not in config:
        return "set sasl.oauthbearer.token.endpoint.url beside it"
    if missing := _missing_credentials(config):
        return missing
    trusted = {"https.ca.pem": ca} if (ca := _trusted_for_tokens(java)) else {}
    return (
        {"sasl.oauthbearer.method": "oidc"}
        | {name: value for name, value in config.items() if value != ""}
        | trusted
    )


def _missing_credentials(config: Config) -> str:
    """Return what the token endpoint cannot do without, or ""."""
    if str(config.get("sasl.oauthbearer.grant.type", "")).endswith("jwt-bearer"):
        files = "sasl.oauthbearer.assertion.private.key.file", "sasl.oauthbearer.assertion.file"
        return "" if any(map(config.get, files)) else f"set {files[0]} or {files[1]} beside it"
    named = "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret"
    return "" if all(map(config.get, named)) else "it needs clientId and clientSecret"


def _trusted_for_tokens(java: Java) -> str:
    """Return the brokers' trust store, which also counts for the token endpoint."""
    return str(_tls(java).get("ssl.ca.pem", ""))


def _same(java: Java, *names: str) -> Config:
    """Return the set ones of these properties that librdkafka has as single properties."""
    rows = ((name, TABLE[name]) for name in names if name in java)
    return {
        row.native or name: java[name].parse(row.kind)
        for name, row in rows
        if row.verdict == "translated"
    }


def _text(java: Java, name: str) -> str | None:
    return java[name].value if name in java else None
