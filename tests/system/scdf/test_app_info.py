"""What Data Flow shows of the processor (`app info`): the options come from the image's label,
which it reads in a registry.
"""

import json
import os
from typing import Any

from config.reference.image_label import metadata
from tests.system.scdf.registry import Registry

LABEL = "org.springframework.cloud.dataflow.spring-configuration-metadata.json"
ASKED = ("name", "type", "description", "defaultValue")


def test_the_options_are_the_settings_model(rig: Any, registry: Registry) -> None:
    if image := os.environ.get("IMAGE"):
        registry.push(image)
    else:
        registry.make({LABEL: metadata()})
    rig.register_uri("processor", "shown", f"docker:{registry.host}/python-processor:1.0")

    options = rig.df("GET", "/apps/processor/shown")["options"]

    expected = [
        {key: each.get(key) for key in ASKED} for each in json.loads(metadata())["properties"]
    ]
    found = [{key: each["id" if key == "name" else key] for key in ASKED} for each in options]
    assert sorted(found, key=lambda each: each["name"]) == sorted(
        expected, key=lambda each: each["name"]
    )
