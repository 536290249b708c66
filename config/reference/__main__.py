"""Writes the documents that are made from the settings.

python -m config.reference write           README's table and docs/settings.md; `make docs`

python -m config.reference metadata        the image's label
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from config.reference.image_label import metadata
from config.reference.pages import BEGIN, END, docs, readme
from config.reference.spring_names_page import names_page


def write(root: Path) -> None:
    """Bring README's table and the pages of settings and names up to date."""
    (root / "docs" / "settings.md").write_text(docs() + "\n")
    (root / "docs" / "spring-names.md").write_text(names_page() + "\n")
    before, _, rest = (root / "README.md").read_text().partition(BEGIN)
    (root / "README.md").write_text(
        f"{before}{BEGIN}\n\n{readme()}\n\n{END}{rest.partition(END)[2]}"
    )


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(__file__).parents[2])
    else:
        made: dict[str, Callable[[], str]] = {
            "docs": docs,
            "names": names_page,
            "metadata": partial(metadata, *sys.argv[2:]),
        }
        print(made[sys.argv[1]]())  # noqa: T201 - a command
