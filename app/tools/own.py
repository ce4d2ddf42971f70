"""A shop's own tools: read from the Python module that KAUNTER_TOOLS_MODULE names, and offered after the built-in ones.

The module is the owner's code and runs with all our rights. What is checked is what a mistake would break: names that
collide, arguments without a schema, a description that the model could not read.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from app.errors import ConfigurationError
from app.tools.registry import Choices, Tool, Tools

_MODULE_NAME = "kaunter_own_tools"
_SOMETHING = Choices(("1",), ("p",), ("i",), ("v",), ("m",))


def load_tools(module: str, built_in: Tools) -> Tools:
    """The built-in tools and the module's; ``module`` is a dotted name or the path of a ``.py`` file.

    Raises ConfigurationError with one sentence about what is wrong.
    """
    if not module:
        return built_in
    own = [value for value in vars(_import(module)).values() if isinstance(value, Tool)]
    if not own:
        raise ConfigurationError(f"KAUNTER_TOOLS_MODULE: {module} has no tools; make one with @tool from app.tools.")
    names = {tool.name for tool in built_in}
    for tool in own:
        if tool.name in names:
            raise ConfigurationError(
                f"KAUNTER_TOOLS_MODULE: there is a tool {tool.name!r} already; choose another name."
            )
        names.add(tool.name)
        _check(tool)
    return Tools([*built_in, *own])


def _import(module: str) -> ModuleType:
    try:
        return _run_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
    except Exception as error:  # whatever the owner's code raises
        raise ConfigurationError(
            f"KAUNTER_TOOLS_MODULE: {module} cannot be loaded: {type(error).__name__}: {error}"
        ) from error


def _run_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(_MODULE_NAME, path.absolute())
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE_NAME] = module  # annotations and dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def _check(tool: Tool) -> None:
    try:
        schema = tool.schema(_SOMETHING)
    except (IndexError, KeyError, TypeError):
        schema = None
    if schema is None:
        raise ConfigurationError(
            f"KAUNTER_TOOLS_MODULE: an argument of {tool.name!r} has no schema; annotate it with OrderNumber, Item, "
            "VariantId, PaymentMethodId, PolicyId, Words or a Literal."
        )
