"""Kafka's Java client properties for TLS and SASL. None of them is dropped with a warning only."""

from config.kafka.java_property import JavaProperty, mapped, unmapped
from config.kafka.values import CIPHER_SUITES, FILE, IDENTIFICATION, MILLISECONDS
from config.spring.types import FLAG, TEXT, bounded_integer, choice
from config.support import Support


def _only(*accepted: str, why: str) -> JavaProperty:
    """Return the row of a property of TLS or SASL that counts with these values alone.

    To drop another value would change who is trusted, how, or where credentials come from.
    """
    allowed = f"allowed is {', '.join(accepted)}" if accepted else "leave it out"
    return JavaProperty(
        Support.REJECTED, "cpa", why=f"{why}; {allowed}", accepted_values=("", *accepted)
    )


_PLUGGED = "a Java class cannot be used here"
_OPENSSL = "OpenSSL does the work"
_STORE = _only("JKS", "PKCS12", "PEM", why="a store is a file, and its content tells what it is")
_COMMON = "org.apache.kafka.common.security"
_OAUTH_CLASSES = f"{_COMMON}.oauthbearer"
_KERBEROS = unmapped(Support.NO_EFFECT, "Kerberos is refused by its mechanism")
_OAUTH = mapped("cpa", TEXT)
_TOKEN = unmapped(Support.NO_EFFECT, "librdkafka does not look into tokens; the broker does")
_REFRESH = unmapped(Support.NO_EFFECT, "librdkafka refreshes logins by itself")

SECURITY: dict[str, JavaProperty] = {
    "security.providers": _only(why=f"{_PLUGGED}; {_OPENSSL}"),
    # TLS: security.py translates these together and reads stores into PEM
    "ssl.truststore.location": mapped("cpa", TEXT, "ssl.ca.pem"),
    "ssl.truststore.password": mapped("cpa", TEXT, "ssl.ca.pem"),
    "ssl.truststore.certificates": mapped("cpa", TEXT, "ssl.ca.pem"),
    "ssl.truststore.type": _STORE,
    "ssl.keystore.location": mapped("cpa", TEXT, "ssl.key.pem"),
    "ssl.keystore.password": mapped("cpa", TEXT, "ssl.key.pem"),
    "ssl.keystore.key": mapped("cpa", TEXT, "ssl.key.pem"),
    "ssl.keystore.certificate.chain": mapped("cpa", TEXT, "ssl.certificate.pem"),
    "ssl.keystore.type": _STORE,
    "ssl.key.password": mapped("cpa", TEXT, "ssl.key.pem"),
    "ssl.endpoint.identification.algorithm": mapped("cpa", IDENTIFICATION),
    "ssl.cipher.suites": mapped("cpa", CIPHER_SUITES),
    "ssl.enabled.protocols": unmapped(
        Support.NO_EFFECT,
        "OpenSSL agrees with the broker on TLS 1.2 or 1.3; a list without TLSv1.2 is refused",
    ),
    "ssl.protocol": _only(
        "TLS", "TLSv1.2", "TLSv1.3", why="OpenSSL agrees with the broker on TLS 1.2 or 1.3"
    ),
    "ssl.provider": _only("SunJSSE", why=_OPENSSL),
    "ssl.trustmanager.algorithm": _only(
        *("PKIX", "SunPKIX", "SunX509", "X509", "X.509"), why=_OPENSSL
    ),
    "ssl.keymanager.algorithm": _only("SunX509", "NewSunX509", "PKIX", why=_OPENSSL),
    "ssl.secure.random.implementation": unmapped(
        Support.NO_EFFECT, "OpenSSL has a generator of its own"
    ),
    "ssl.engine.factory.class": _only(f"{_COMMON}.ssl.DefaultSslEngineFactory", why=_PLUGGED),
    # SASL: security.py translates these
    "sasl.mechanism": mapped("cpa", TEXT),
    "sasl.jaas.config": mapped(
        "cpa", TEXT, "sasl.username and sasl.password, or sasl.oauthbearer.*"
    ),
    "sasl.kerberos.service.name": _KERBEROS,
    "sasl.kerberos.kinit.cmd": _KERBEROS,
    "sasl.kerberos.min.time.before.relogin": _KERBEROS,
    "sasl.kerberos.ticket.renew.window.factor": _KERBEROS,
    "sasl.kerberos.ticket.renew.jitter": _KERBEROS,
    "sasl.oauthbearer.token.endpoint.url": _OAUTH,
    "sasl.oauthbearer.scope": _OAUTH,
    "sasl.oauthbearer.client.credentials.client.id": mapped(
        "cpa", TEXT, "sasl.oauthbearer.client.id"
    ),
    "sasl.oauthbearer.client.credentials.client.secret": mapped(
        "cpa", TEXT, "sasl.oauthbearer.client.secret"
    ),
    "sasl.oauthbearer.sub.claim.name": _OAUTH,
    "sasl.oauthbearer.grant.type": mapped(
        "cpa", choice("client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer")
    ),
    "sasl.oauthbearer.assertion.algorithm": mapped("cpa", choice("RS256", "ES256")),
    "sasl.oauthbearer.assertion.private.key.file": mapped("cpa", FILE),
    "sasl.oauthbearer.assertion.private.key.passphrase": _OAUTH,
    "sasl.oauthbearer.assertion.file": mapped("cpa", FILE),
    "sasl.oauthbearer.assertion.claim.aud": _OAUTH,
    "sasl.oauthbearer.assertion.claim.iss": _OAUTH,
    "sasl.oauthbearer.assertion.claim.sub": _OAUTH,
    "sasl.oauthbearer.assertion.claim.exp.seconds": mapped("cpa", bounded_integer(1)),
    "sasl.oauthbearer.assertion.claim.nbf.seconds": mapped("cpa", MILLISECONDS),
    "sasl.oauthbearer.assertion.claim.jti.include": mapped("cpa", FLAG),
    "sasl.oauthbearer.jwt.template.file": mapped(
        "cpa", FILE, "sasl.oauthbearer.assertion.jwt.template.file"
    ),
    "sasl.oauthbearer.scope.claim.name": _TOKEN,
    "sasl.oauthbearer.header.urlencode": _only(
        "false", why="librdkafka sends client id and secret as they are"
    ),
    "sasl.oauthbearer.expected.audience": _TOKEN,
    "sasl.oauthbearer.expected.issuer": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.url": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.refresh.ms": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": _TOKEN,
    "sasl.oauthbearer.clock.skew.seconds": _TOKEN,
    "sasl.oauthbearer.jwt.retriever.class": _only(
        f"{_OAUTH_CLASSES}.DefaultJwtRetriever",
        f"{_OAUTH_CLASSES}.ClientCredentialsJwtRetriever",
        why=_PLUGGED,
    ),
    "sasl.oauthbearer.jwt.validator.class": _only(
        f"{_OAUTH_CLASSES}.DefaultJwtValidator",
        f"{_OAUTH_CLASSES}.ClientJwtValidator",
        why=_PLUGGED,
    ),
    "sasl.login.callback.handler.class": _only(
        f"{_OAUTH_CLASSES}.OAuthBearerLoginCallbackHandler",
        f"{_OAUTH_CLASSES}.secured.OAuthBearerLoginCallbackHandler",
        f"{_OAUTH_CLASSES}.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler",
        "io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler",
        why=_PLUGGED,
    ),
    "sasl.client.callback.handler.class": _only(
        f"{_COMMON}.authenticator.SaslClientCallbackHandler",
        f"{_OAUTH_CLASSES}.internals.OAuthBearerSaslClientCallbackHandler",
        why=_PLUGGED,
    ),
    "sasl.login.class": _only(
        f"{_COMMON}.authenticator.DefaultLogin",
        f"{_OAUTH_CLASSES}.internals.OAuthBearerRefreshingLogin",
        why=_PLUGGED,
    ),
    "sasl.login.refresh.window.factor": _REFRESH,
    "sasl.login.refresh.window.jitter": _REFRESH,
    "sasl.login.refresh.min.period.seconds": _REFRESH,
    "sasl.login.refresh.buffer.seconds": _REFRESH,
    "sasl.login.connect.timeout.ms": _REFRESH,
    "sasl.login.read.timeout.ms": _REFRESH,
    "sasl.login.retry.backoff.ms": _REFRESH,
    "sasl.login.retry.backoff.max.ms": _REFRESH,
}
