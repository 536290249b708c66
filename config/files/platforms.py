"""The cloud platform, for spring.config.activate.on-cloud-platform."""

from collections.abc import Mapping

_VARIABLES = {
    "none": None,
    "cloud_foundry": ("VCAP_APPLICATION", "VCAP_SERVICES"),
    "heroku": ("DYNO",),
    "sap": ("HC_LANDSCAPE",),
    "nomad": ("NOMAD_ALLOC_ID",),
    "kubernetes": (),
    "azure_app_service": (),
}
PLATFORMS = tuple(_VARIABLES)
_AZURE = ("WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID", "WEBSITE_RESOURCE_GROUP", "WEBSITE_SKU")


def uniform_platform(word: str) -> str | None:
    """Return the platform of any spelling (Kubernetes, KUBERNETES), or None for an unknown one.

    Args:
        word: As written in a property.
    """
    letters = "".join(filter(str.isalnum, word)).lower()
    return next((name for name in PLATFORMS if name.replace("_", "") == letters), None)


def find_platform(enforced: str | None, environ: Mapping[str, str]) -> str:
    """Return the platform of spring.main.cloud-platform, or the one that the environment shows.

    Args:
        enforced: The property's value; empty or None if unset.
        environ: The environment.
    """
    if enforced and (platform := uniform_platform(enforced)):
        return platform
    for name, variables in _VARIABLES.items():
        if variables and any(variable in environ for variable in variables):
            return name
    if any(
        name.endswith("_SERVICE_HOST") and f"{name.removesuffix('HOST')}PORT" in environ
        for name in environ
    ):
        return "kubernetes"
    return "azure_app_service" if all(name in environ for name in _AZURE) else "none"


def pod_name(environ: Mapping[str, str]) -> str | None:
    """Return the name of the Kubernetes pod that this process runs in, or None elsewhere.

    Args:
        environ: The environment.
    """
    return environ.get("HOSTNAME") or None if find_platform(None, environ) == "kubernetes" else None
