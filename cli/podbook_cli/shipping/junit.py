"""Writes what trials came to as JUnit's XML, as Jenkins, GitLab and GitHub's actions read it."""

import re
import sys
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    from podbook_cli.shipping.trials import Outcome

# What XML 1.0 cannot hold in any form: most control characters, and lone surrogates.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")


def report(outcomes: "Iterable[Outcome]") -> bytes:
    """Return the document: a suite for each notebook, a case for each trial."""
    root = ElementTree.Element("testsuites", name="podbook")
    counted = {"tests": 0, "failures": 0, "errors": 0}
    ordered = sorted(outcomes, key=lambda outcome: outcome.trial.entry.path)
    for path, group in groupby(ordered, key=lambda outcome: outcome.trial.entry.path.as_posix()):
        suite = _suite(path, list(group))
        root.append(suite)
        for name in counted:
            counted[name] += int(suite.attrib[name])
    root.attrib.update({name: str(number) for name, number in counted.items()})
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _suite(path: str, outcomes: "list[Outcome]") -> ElementTree.Element:
    # The file stands here: Jenkins' schema knows none on a case.
    suite = ElementTree.Element("testsuite", name=path, file=path)
    failed = [outcome for outcome in outcomes if outcome.failures]
    ours = sum(outcome.is_our_fault for outcome in failed)
    suite.attrib["tests"] = str(len(outcomes))
    suite.attrib["failures"] = str(len(failed) - ours)
    suite.attrib["errors"] = str(ours)
    suite.attrib["time"] = f"{sum(outcome.seconds for outcome in outcomes):.3f}"
    properties = ElementTree.SubElement(suite, "properties")
    digests = {outcome.digest for outcome in outcomes if outcome.digest}
    for name, value in (("digest", " ".join(sorted(digests))), ("interpreter", sys.version)):
        ElementTree.SubElement(properties, "property", name=name, value=_text(value))
    suite.extend(_case(outcome) for outcome in outcomes)
    return suite


def _case(outcome: "Outcome") -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=_text(outcome.trial.entry.id),
        name=_text(outcome.trial.name),
        time=f"{outcome.seconds:.3f}",
    )
    if outcome.failures:
        tag = "error" if outcome.is_our_fault else "failure"
        first = outcome.failures[0].splitlines()[0]
        found = ElementTree.SubElement(case, tag, type=outcome.kind, message=_text(first))
        found.text = _text("\n".join([*outcome.failures, outcome.traceback]).strip())
    if outcome.skipped:
        ElementTree.SubElement(case, "skipped", message=_text(outcome.skipped))
    if outcome.kept is not None:
        ElementTree.SubElement(case, "system-out").text = _text(str(outcome.kept))
    return case


def _text(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
