"""The group.instance.id of an instance whose name outlives its process."""

import re

# Kubernetes cuts a pod's name there: the end, which tells it from others, may be gone.
_HOSTNAME_LENGTH = 63


def stable_member_id(pod: str | None, index: int | None, guid: str) -> str | None:
    """Return a name that outlives a restart of the instance's container or pod; else None.

    Args:
        pod: The value of HOSTNAME on Kubernetes: the pod's name, or the node's with `hostNetwork`.
        index: The instance's index, None where nothing has set one.
        guid: On Kubernetes the uid of the pod.
    """
    if not pod:
        return None
    # The pod that replaces one of a StatefulSet has its name.
    if index is not None and pod.endswith(f"-{index}"):
        return pod
    if guid:
        return re.sub(r"[^\w.-]", "-", f"{pod}-{guid}", flags=re.ASCII)
    return pod if len(pod) < _HOSTNAME_LENGTH else None
