"""Reads the parameters of a run from -p and -P."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podbook_cli.exits import BadInput


def read(pairs: list[str], files: list[Path], *, texts: frozenset[str]) -> dict[str, Any]:
    """Return all of them in one; later files win over earlier ones, -p over every file.

    The value of a -p is taken as JSON where it is JSON (`5`, `true`, `[1, 2]`, `"5"`), else as
    plain text; texts are the names whose values are text in any case.
    """
    parameters: dict[str, Any] = {}
    for path in files:
        parameters |= _checked(_read_file(path), f"-P {path}")
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"-p {pair}: write NAME=VALUE")
        parameters[name] = value if name in texts else _value(value)
        _checked({name: parameters[name]}, "-p")
    return parameters


def of_example(name: str | None, view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a notebook's example; view is what its server shows of it."""
    if name is None:
        return {}
    found = {str(each["name"]): each.get("parameters") or {} for each in view.get("examples") or []}
    if name not in found:
        raise BadInput(f"--example {name}: there is none; known are: {', '.join(found) or 'none'}")
    return dict(found[name])


def _checked(values: dict[str, Any], given: str) -> dict[str, Any]:
    """Return what can be written as JSON; YAML knows more: sets, bytes, .nan, circles."""
    for name, value in values.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise BadInput(f"{given}: {name} cannot be written as JSON: {error}") from error
        except RecursionError:
            raise BadInput(f"{given}: {name} is nested too deep") from None
    return values


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str)
    except RecursionError:
        raise BadInput("-p: a value is nested too deep") from None
    except ValueError:
        return text


def _read_file(path: Path) -> dict[str, Any]:
    import yaml

    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_loader())
    except OSError as error:
        raise BadInput(f"-P {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"-P {path}: {error}") from error
    except RecursionError:
        raise BadInput(f"-P {path}: nested too deep") from None
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
