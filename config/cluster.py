"""Bytewax's own environment variables: those that would make a cluster of workers or open a port are refused."""

from collections.abc import Mapping

from config.errors import SettingsError, shown

_REFUSED = (
    "BYTEWAX_PROCESS_ID",
    "BYTEWAX_ADDRESSES",
    "BYTEWAX_POD_NAME",
    "BYTEWAX_STATEFULSET_NAME",
    "BYTEWAX_HOSTFILE_PATH",
    "BYTEWAX_RECOVERY_DIRECTORY",
    "BYTEWAX_DATAFLOW_API_ENABLED",
)
_WORKERS = "BYTEWAX_WORKERS_PER_PROCESS"
_SCALE = "one Bytewax worker keeps the guarantees; to scale, run more processes or replicas in the same consumer group"


def refuse_cluster(environ: Mapping[str, str]) -> None:
    """Raises SettingsError if Bytewax would start more than one plain worker."""
    for name in _REFUSED:
        if environ.get(name):
            raise SettingsError(
                f"environment variable {name}: {shown(name, environ[name])} is not allowed; allowed is none: {_SCALE}"
            )
    if environ.get(_WORKERS, "1") not in {"", "1"}:
        raise SettingsError(
            f"environment variable {_WORKERS}: {shown(_WORKERS, environ[_WORKERS])} is not allowed; allowed is 1: {_SCALE}"
        )
