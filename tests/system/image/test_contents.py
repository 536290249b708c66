"""What is in the image: its label, its packages, and nothing besides the program."""

import json

from config.reference.image_label import metadata
from tests.support.processor import REPOSITORY
from tests.system.image.container import (
    image_settings,
    in_image,
)

BUILD = REPOSITORY / "build"  # what `make sbom` leaves


METADATA = "org.springframework.cloud.dataflow.spring-configuration-metadata.json"


def test_label_lists_the_settings() -> None:
    """Without placeholders, in ASCII and in one line, as `metadata` promises.

    The image may be of an older state of the sources.
    """
    assert image_settings()["Labels"][METADATA] == metadata()


def test_sbom_lists_packages() -> None:
    program = (
        "import importlib.metadata as m; print(*sorted(d.name + '==' + d.version for d in "
        "m.distributions()), sep='\\n')"
    )
    installed = in_image("python", "-c", program).stdout.split()
    bill = json.loads((BUILD / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert sorted(f"{each['name']}=={each['version']}" for each in bill["components"]) == installed
    licences = (BUILD / "licences.txt").read_text()
    assert all("\n".join(each.split("==")) in licences for each in installed)


def test_image_holds_program_only() -> None:
    program = """if True:
        import importlib.util, json, os, pathlib, sys
        code = pathlib.Path("/opt/python-processor")
        files = [path for path in pathlib.Path("/opt").rglob("*") if not path.is_symlink()]
        print(json.dumps({
            "top": sorted(path.name for path in code.iterdir()),
            "no bytecode": [str(p) for p in code.rglob("*.py") if not os.path.exists(importlib.util.cache_from_source(str(p)))],
            "writable": [str(path) for path in files if os.access(path, os.W_OK)],
            "unreadable": [str(path) for path in files if not os.access(path, os.R_OK)],
            "python": sys.executable,
            "pip": importlib.util.find_spec("pip") is not None,
        }))"""  # noqa: E501 - lines of a page
    assert json.loads(in_image("python", "-c", program).stdout) == {
        "top": sorted(
            [
                "__pycache__",
                "actuator",
                "bootstrap.py",
                "catalog",
                "config",
                "connectors",
                "dataflow.py",
                "dead_letters",
                "formats",
                "functions",
                "python_processor",
                "runtime",
                "text.py",
            ]
        ),
        "no bytecode": [],
        "writable": [],
        "unreadable": [],
        "python": "/opt/venv/bin/python",
        "pip": False,
    }
