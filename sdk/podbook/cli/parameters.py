"""Reads the parameters of a run from -p and -P."""

import json
from pathlib import Path
from typing import Any

from podbook.cli.exits import BadInput


def read(pairs: list[str], files: list[Path], *, texts: frozenset[str]) -> dict[str, Any]:
    """Return all of them in one; later files win over earlier ones, -p over every file.

    The value of a -p is taken as JSON where it is JSON (`5`, `true`, `[1, 2]`, `"5"`), else as
    plain text; texts are the names whose values are text in any case.
    """
    parameters: dict[str, Any] = {}
    for path in files:
        parameters |= _read_file(path)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"-p {pair}: write NAME=VALUE")
        parameters[name] = value if name in texts else _value(value)
    return parameters


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text


def _read_file(path: Path) -> dict[str, Any]:
    import yaml

    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_loader())
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"-P {path}: {error}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"-P {path} is no YAML: {error}") from error
    if not isinstance(values, dict):
        raise BadInput(f"-P {path}: a mapping of names to values is expected")
    return {str(name): value for name, value in values.items()}


def _loader() -> Any:
    """YAML's safe loader, with dates left as the text that was written, as JSON has them."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
