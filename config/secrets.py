"""The one rule that decides which names and which texts are secret."""

import re
from collections.abc import Iterator

# The working directory of a shell, which is no password.
_WORKING_DIRECTORY = re.compile(r"(OLD)?PWD")
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# These make a name secret wherever they stand in it.
_ANYWHERE = re.compile(
    r"pas+[-_. ]?wo?r?d|pas+w|pass-?(phrase|code)|pwd|secret|token(?![._-]endpoint)"
    # Cloud Foundry has addresses among the credentials of a service.
    r"|credential(?!s[._-](?:brokers|servers|hosts?|hostname|ports?)$)"
    r"|private-?key|api-?key|access-?key|key$|pass$|(key|certificate)\.pem$|user[-_.]?info"
    r"|connection[-_.]?string|spring[._]application[._]json$|vcap[._]services$"
    # Kafka hands a provider of secrets its parameters under these names.
    r"|config[._-]providers[._-]"
)
# These do as a whole element, unless the end of the name says that it describes something:
# `key.serializer`, `sasl.login.connect.timeout.ms`, `max.in.flight.requests.per.connection`.
_ELEMENT = re.compile(
    r"(?:^|[._-])(?:pass|pw|pin|key|auth|authorization|login|signature|bearer|cookie|salt|dsn|jaas"
    r"|private|(?<!per[._-])connection)(?:$|[._-])"
)
_DESCRIBES = re.compile(
    r"(?:ms|seconds|class|serializer|expression|factor|jitter|interval|timeout|location|type|file"
    r"|chain|name|module|flag|enabled)$"
)
# These make a whole value secret, as the secret's ends are not known.
_VALUE = re.compile(
    r"password|secret|loginmodule|private key|:[^\s@]{1,500}@"
    r"|[?&][^\s=&]{0,50}(?:token|key|sig|auth|pwd|pass|code)[^\s=&]{0,50}=",
    re.IGNORECASE,
)
_PARTS = (
    # Users and passwords of URLs, also without a scheme.
    re.compile(r"://(?P<secret>[^\s\"']{1,500})@"),
    re.compile(r"(?<![\w:/.-])[\w.%+-]{1,100}:(?P<secret>[^\s\"'@/]{1,500})@"),
    re.compile(
        r"[?&][^\s=&]{0,50}(?:token|key|sig|auth|pwd|pass|code)[^\s=&]{0,50}="
        r"(?P<secret>[^\s&\"']{1,2000})",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?i:bearer)\s+(?P<secret>[\w.~+/=-]{3,})"),
    re.compile(r"\{cipher\}(?P<secret>[^\s\"']+)"),
    re.compile(r"\bBasic\s+(?P<secret>(?=\S*\d)[\w+/=-]{8,})"),
    re.compile(r"\b(?P<secret>eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?)"),  # a JSON Web Token
)
# `name=value`, `name:value`, `"name": "value"`.
_PAIR = re.compile(
    r"""(?<![\w.-])(?P<name>[\w.-]++)["']?
    (?:\s*[=:]\s*(?:"(?P<double>(?:[^"\\]|\\.)*+)|'(?P<single>(?:[^'\\]|\\.)*+))
    |[=:](?P<plain>(?!\.\.\.)[^\s"']\S*))""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING = "\"')],:;"  # of a sentence around a value


def is_secret_name(name: str) -> bool:
    """Return whether the value of a property or variable of this name is a secret.

    Args:
        name: The name in any spelling; may be empty.
    """
    if _WORKING_DIRECTORY.fullmatch(name):
        return False
    name = _WORD_BREAK.sub("-", name).lower()
    if _ANYWHERE.search(name):
        return True
    return bool(_ELEMENT.search(name) and not _DESCRIBES.search(name))


def is_secret_value(value: str) -> bool:
    """Return whether a value has a secret in it, whatever its name is.

    Args:
        value: The value.
    """
    return bool(_VALUE.search(value)) or next(secret_parts(value), None) is not None


def secret_parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each secret in a text: of a URL's user, of `password=...`.

    Args:
        text: Any text.
    """
    for pattern in _PARTS:
        yield from (found.span("secret") for found in pattern.finditer(text))
    position = 0
    while found := _PAIR.search(text, position):
        # The value of a name that is no secret may have names itself: `url=x?password=y`.
        position = found.end("name")
        if not is_secret_name(found["name"]):
            continue
        group = next(each for each in ("double", "single", "plain") if found[each] is not None)
        start = found.start(group)
        value = found[group].rstrip(_CLOSING) if group == "plain" else found[group]
        if value:
            yield start, start + len(value)
            position = start + len(value)
