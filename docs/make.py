"""Writes the parts of the reference that the code knows.

Configs, resources, values of the chart, reasons, warnings, limits, metrics, the tools of agents.

python -m docs.make [--check]
"""

import json
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from docs.made.limits import limits
from docs.made.metrics import metrics
from docs.made.run_warnings import warnings

from podbook_api.surfaces.mcp.listing.tools import FIXED
from podbook_catalog.entries.published import FOLDER as SCHEMAS
from podbook_crds.ends.advice import ADVICE
from podbook_crds.ends.reasons import EXPLANATIONS
from podbook_crds.formats.kept_files import keep

ROOT: Final = Path(__file__).parents[1]
REFERENCE: Final = ROOT / "docs" / "reference"
MADE: Final = "<!-- Made by `python -m docs.make`; what it says stands in the code. -->\n"
KEYS: Final = "| key | type | default | what it is |\n|---|---|---|---|\n"
_VALUE: Final = re.compile(r"^(?P<indent> *)(?P<key>[\w.-]+):(?P<rest>.*)$")

Schema = dict[str, Any]


def files() -> dict[str, str]:
    """Return the text of every document that is made, by its name."""
    return {
        "config.md": _configs(),
        "resources.md": _resources(),
        "chart.md": _chart(),
        "reasons.md": _reasons(),
        "mcp.md": _tools(),
        "warnings.md": MADE + warnings(),
        "limits.md": MADE + limits(),
        "metrics.md": MADE + metrics(),
    }


def _configs() -> str:
    text = (
        "# The configs, key by key\n\n"
        "What each is for is told in [notebooks](notebooks.md); unknown keys are refused. Servers\n"
        "give the same as JSON Schemas, `/schemas/config.json` and `/schemas/podbook.json`, by\n"
        "which editors complete and check.\n"
    )
    for title, name in (("NAME.config.json", "config"), ("podbook.toml", "podbook")):
        schema = json.loads((SCHEMAS / f"{name}.json").read_text())
        text += f"\n## {title}\n\n{KEYS}{''.join(_rows(schema, schema))}"
    return MADE + text


def _resources() -> str:
    text = (
        "# The resources, field by field\n\n"
        "`kubectl explain nb.spec` and `kubectl explain nbx.spec` say the same where Podbook is\n"
        "installed.\n"
    )
    for plural in ("notebooks", "notebookexecutions"):
        document = (ROOT / "crds" / f"{plural}.podbook.dev.yaml").read_text()
        definition = yaml.safe_load(document)["spec"]
        schema = definition["versions"][0]["schema"]["openAPIV3Schema"]
        short = ", ".join(f"`{name}`" for name in definition["names"]["shortNames"])
        for part in ("spec", "status"):
            fields = "".join(_rows(schema["properties"][part], schema))
            text += f"\n## {definition['names']['kind']} ({short}): {part}\n\n{KEYS}{fields}"
    return MADE + text


def _rows(
    node: Schema, whole: Schema, above: str = "", *, required: Collection[str] = ()
) -> Iterator[str]:
    """Yield a row for each property, and for those of the objects below it."""
    for name, said in node.get("properties", {}).items():
        key = f"{above}{name}"
        met = _met(said, whole)
        default = "" if "properties" in met else _default(said)
        cells = (
            f"`{key}` (required)" if name in required else f"`{key}`",
            _type(met),
            default,
            said.get("description", met.get("description", "")),
        )
        yield f"| {' | '.join(_cell(text) for text in cells)} |\n"
        if "properties" in met:
            yield from _rows(met, whole, f"{key}.")
        elif "properties" in _met(met.get("items", {}), whole):
            yield from _rows(_met(met["items"], whole), whole, f"{key}[].")


def _met(said: Schema, whole: Schema) -> Schema:
    """Return what a property means: behind its reference, and but for null."""
    choices = [choice for choice in said.get("anyOf", []) if choice.get("type") != "null"]
    if len(choices) == 1:
        return _met(choices[0], whole)
    reference = said.get("$ref", "")
    if reference.startswith("#/$defs/"):
        return dict(whole["$defs"][reference.rpartition("/")[2]])
    return said


def _type(met: Schema) -> str:
    if "enum" in met:
        return ", ".join(f"`{value}`" for value in met["enum"])
    if met.get("$ref", "").startswith("http"):
        return "a JSON Schema"
    if met.get("type") == "array":
        return f"array of {_type(met.get('items', {}))}"
    limits = (("≥", "minimum"), ("≤", "maximum"))
    bounds = [f"{sign} {met[key]}" for sign, key in limits if key in met]
    return " ".join([met.get("type", "any"), *bounds])


def _default(said: Schema) -> str:
    default = said.get("default")
    return "" if default is None or default in ({}, []) else f"`{json.dumps(default)}`"


def _reasons() -> str:
    rows = "".join(
        f"| `{reason}` | {_cell(said.sentence)} | {said.fault} | {_cell(ADVICE[reason])} |\n"
        for reason, said in EXPLANATIONS.items()
    )
    return (
        f"{MADE}# Why an execution is in its phase\n\n"
        "`reason` of an execution, in its answer, its resource and its condition; pages, the\n"
        "command line and agents say the same sentences. None is ever renamed.\n\n"
        f"| reason | what happened | whose turn it is | what to do |\n|---|---|---|---|\n{rows}"
    )


def _tools() -> str:
    text = (
        f"{MADE}# The tools of `/mcp` that are always there\n\n"
        "Each notebook is a tool besides, by its contract: [agents](../how-to/agents.md) tells\n"
        "how they are named and chosen.\n"
    )
    for tool in FIXED:
        schema = tool.input_schema
        rows = "".join(_rows(schema, schema, required=schema.get("required", ())))
        text += f"\n## {tool.name}\n\n{tool.description}\n\n{KEYS}{rows}"
    return text


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _chart() -> str:
    """Show the values with what their comments say."""
    rows = "".join(
        f"| {' | '.join(map(_cell, row))} |\n"
        for row in _values((ROOT / "charts" / "podbook" / "values.yaml").read_text())
    )
    head = (
        "# The values of the chart\n\n"
        "Unknown values are refused. [Operations](../how-to/operations.md) shows them at work.\n\n"
    )
    return f"{MADE}{head}| value | default | what it is |\n|---|---|---|\n{rows}"


def _values(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the default and the comment of each value, in the file's order."""
    above: list[tuple[int, str]] = []
    comment: list[str] = []
    for line in text.splitlines():
        value = _VALUE.match(line)
        if line.lstrip().startswith("#"):
            comment.append(line.strip(" #"))
        elif value:
            indent = len(value["indent"])
            above = [*(pair for pair in above if pair[0] < indent), (indent, value["key"])]
            default = value["rest"].strip()
            if default or comment:
                name = ".".join(key for _, key in above)
                yield f"`{name}`", f"`{default}`" if default else "", " ".join(comment)
            comment = []
        else:
            comment = []


def main() -> int:
    """Write the documents, or with --check tell which are not current."""
    check = "--check" in sys.argv
    return keep(REFERENCE, files(), command="python -m docs.make", check=check)


if __name__ == "__main__":
    sys.exit(main())
