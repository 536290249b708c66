"""Finds the functions that the property `function` names, and imports their modules."""

import ast
import importlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from catalog.errors import CatalogError

SHIPPED = Path(__file__).parent.parent / "functions"
MOUNTED = Path("/functions")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_MAX_SHOWN = 20


class Found(NamedTuple):
    """A function that the property `function` names."""

    name: str  # `module:function`
    function: Callable[..., Any]


def places(further: Sequence[str] = ()) -> list[Path]:
    """Return the folders of functions. Of modules with one name the first one counts.

    Args:
        further: Folders that come before /functions and functions/.
    """
    return [*map(Path, further), MOUNTED, SHIPPED]


def find_functions(definition: str, further: Sequence[str] = ()) -> tuple[Found, ...]:
    """Import and return the functions that a definition names. Blocks while modules are imported.

    Args:
        definition: `module:function`, or several with `|` or `,` between them.
        further: Folders to look in besides /functions and functions/.

    Raises:
        CatalogError: There is no such module or function, or the module cannot be imported. The
            text is one line.
    """
    return tuple(
        _find(name.strip(), tuple(filter(os.path.isdir, map(str, places(further)))))
        for name in re.split(r"[|,]", definition)
    )


@cache
def _find(name: str, folders: tuple[str, ...]) -> Found:
    if not _NAME.fullmatch(name):
        raise CatalogError(f"{name!r} is no module:function, such as reverse:reverse")
    module_name, _, function_name = name.partition(":")
    if module_name.endswith(".py"):
        raise CatalogError(
            f"{name!r} names a file; write {module_name.removesuffix('.py')}:{function_name}"
        )
    module = _import(module_name, folders)
    function = getattr(module, function_name, None)
    if not callable(function):
        file = getattr(module, "__file__", module_name)
        raise CatalogError(
            f"{file} has no function {function_name}; it has {_listed(_functions_in(module))}"
        )
    return Found(name, function)


def _import(name: str, folders: tuple[str, ...]) -> Any:
    top = name.partition(".")[0]
    own = next((path for folder in folders if (path := _file(Path(folder), top))), None)
    sys.path += [
        folder for folder in folders if folder not in sys.path
    ]  # at the end, so that no file there hides a module of Python
    importlib.invalidate_caches()
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise CatalogError(
            f"there is no module {name}; there are {_listed(_modules(folders))} in "
            f"{', '.join(folders)}"
        )
    if own and spec.origin and Path(spec.origin).resolve() != own.resolve():
        raise CatalogError(
            f"{own}: the name {top} is taken by the module {spec.origin}; give the file another "
            f"name"
        )
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        raise CatalogError(f"{error.filename}:{error.lineno}: SyntaxError: {error.msg}") from None
    except BaseException as error:
        raise CatalogError(f"{_place(error, own)}: {type(error).__name__}: {error}") from error


def _file(folder: Path, top: str) -> Path | None:
    return next(
        (path for path in (folder / top / "__init__.py", folder / f"{top}.py") if path.is_file()),
        None,
    )


def _place(error: BaseException, own: Path | None) -> str:
    """Return file and line of the innermost frame of the user's own code."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<")
    ]
    folder = str(own.parent) if own else ""
    mine = [
        frame
        for frame in frames
        if frame.filename.startswith(folder) and frame.filename != __file__
    ]
    return f"{mine[-1].filename}:{mine[-1].lineno}" if mine else str(own)


def _modules(folders: tuple[str, ...]) -> list[str]:
    found = [
        path
        for folder in map(Path, folders)
        if folder.is_dir()
        for path in sorted(folder.iterdir())
    ]
    return [
        path.stem
        for path in found
        if path.suffix == ".py" and not path.stem.startswith(("_", "test_"))
    ]


def _functions_in(module: Any) -> Iterator[str]:
    """Return the functions that the module defines, in their order. Imported ones are left out."""
    try:
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    except (OSError, TypeError, ValueError):
        return iter(sorted(name for name in vars(module) if not name.startswith("_")))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return (
        node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")
    )


def _listed(names: Any) -> str:
    found = list(dict.fromkeys(names))
    return ", ".join([*found[:_MAX_SHOWN], *(["..."] if len(found) > _MAX_SHOWN else [])]) or "none"
