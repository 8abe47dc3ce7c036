"""What each kind of warning means, and what to do about it: two sentences for people."""

from typing import Final, NamedTuple

from podbook_crds.resources.warning import Kind


class Meaning(NamedTuple):
    """What happened, and what its author or caller can do."""

    sentence: str
    advice: str


MEANINGS: Final[dict[Kind, Meaning]] = {
    Kind.UNKNOWN_PARAMETER: Meaning(
        "The call gave a parameter that the notebook does not declare, or that no cell has.",
        "Write it as `suggestion` has it, or leave it out; `inputValidation: enforce` refuses "
        "such calls.",
    ),
    Kind.PARAMETER_OVERWRITTEN: Meaning(
        "A cell sets the parameter anew before anything reads what the call gave.",
        "Move the assignment into the cell tagged `parameters`, or drop it.",
    ),
    Kind.ARTIFACTS_LOST: Meaning(
        "Files that the run left are not kept; the condition `ArtifactsLost` says the same.",
        "The sentence says why: leave fewer or smaller ones, name them in UTF-8, or have the "
        "artifact store looked at.",
    ),
    Kind.OUTPUT_CLIPPED: Meaning(
        "A cell showed more than is kept; a line in the notebook says how much is missing.",
        "Print less, or write a file into `artifacts/`.",
    ),
    Kind.OUTPUT_UNREADABLE: Meaning(
        "The kernel sent what is no output; a line in the notebook stands for it.",
        "Look at what the cell displays: a library sends something that no notebook can hold.",
    ),
    Kind.OUTPUT_INVALID: Meaning(
        "The output does not fit its contract, which only reports it; `status.violations` lists "
        "the places.",
        "Mend what the notebook saves, or its output contract.",
    ),
    Kind.SCRAP_UNREADABLE: Meaning(
        "A cell showed a scrapbook record that is none, or data that no JSON holds; it is no part "
        "of the output, the others are.",
        "Glue it with scrapbook itself, or save the value with `save_output`.",
    ),
    Kind.CELLS_SKIPPED: Meaning(
        "A cell ended the notebook cleanly (`sys.exit(0)`, `quit()`); the rest did not run.",
        "Nothing, where that was meant; else take the exit out of the cell.",
    ),
}
