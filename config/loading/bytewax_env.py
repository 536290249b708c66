"""Bytewax's environment variables. Variables for a cluster or an open port are refused."""

from collections.abc import Mapping, Sequence

from config.errors import SettingsError, mask_secrets
from config.spring.types import FALSE

_REFUSED = (
    "BYTEWAX_PROCESS_ID",
    "BYTEWAX_ADDRESSES",
    "BYTEWAX_POD_NAME",
    "BYTEWAX_STATEFULSET_NAME",
    "BYTEWAX_HOSTFILE_PATH",
    "BYTEWAX_RECOVERY_DIRECTORY",
)
# Bytewax reads any value as true, so the program removes a 0 first.
API = "BYTEWAX_DATAFLOW_API_ENABLED"
_WORKERS = "BYTEWAX_WORKERS_PER_PROCESS"
_SCALE = (
    "one Bytewax worker keeps the guarantees; to scale, run more processes or replicas in "
    "the same consumer group"
)

# Options of `python -m bytewax.run` for a cluster or a recovery store, short and long.
_OPTIONS = {
    "-r": (
        "--recovery-directory: offsets are kept in Kafka, committed once their records are "
        "delivered"
    ),
    "-i": f"--process-id: {_SCALE}",
    "-a": f"--addresses: {_SCALE}",
}
_LONG = {"--r": "-r", "--p": "-i", "--a": "-a"}  # argparse accepts any beginning of a name


def refuse_options(argv: Sequence[str]) -> None:
    """Refuse options of `python -m bytewax.run` for a cluster or a recovery store.

    Args:
        argv: The arguments, without the program's name.

    Raises:
        SettingsError: One is given.
    """
    for word in argv:
        option = _LONG.get(word[:3], word[:2])
        if word.startswith("-") and option in _OPTIONS:
            raise SettingsError(f"bytewax.run {option}, {_OPTIONS[option]}; leave it out")


def refuse_cluster(environ: Mapping[str, str]) -> None:
    """Refuse variables with which Bytewax would start more than one plain worker.

    Args:
        environ: The environment.

    Raises:
        SettingsError: One is set.
    """
    for name in _REFUSED:
        if environ.get(name):
            raise SettingsError(
                f"environment variable {name}: {mask_secrets(name, environ[name])} is not "
                f"allowed; allowed is none: {_SCALE}"
            )
    if environ.get(API, "").strip().lower() not in {"", *FALSE}:
        raise SettingsError(
            f"environment variable {API}: {mask_secrets(API, environ[API])} is not allowed; "
            f"allowed is 0: it opens a port"
        )
    if environ.get(_WORKERS, "1") not in {"", "1"}:
        raise SettingsError(
            f"environment variable {_WORKERS}: {mask_secrets(_WORKERS, environ[_WORKERS])} is not "
            f"allowed; allowed is 1: {_SCALE}"
        )
