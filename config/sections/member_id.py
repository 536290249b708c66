"""The group.instance.id of an instance whose name outlives its process."""

import re

# Kubernetes cuts a longer host name. The end, which distinguishes the pods, may be lost.
_HOSTNAME_LENGTH = 63


def stable_member_id(pod: str | None, index: int | None, guid: str) -> str | None:
    """Return a member id that outlives a restart of the instance's container or pod, or None.

    Args:
        pod: HOSTNAME on Kubernetes: the pod's name, or the node's name with `hostNetwork`.
        index: The instance's index; None if it is not set.
        guid: The uid of the pod on Kubernetes.
    """
    if not pod:
        return None
    # A StatefulSet's new pod has the name of the pod that it replaces.
    if index is not None and pod.endswith(f"-{index}"):
        return pod
    if guid:
        return re.sub(r"[^\w.-]", "-", f"{pod}-{guid}", flags=re.ASCII)
    return pod if len(pod) < _HOSTNAME_LENGTH else None
