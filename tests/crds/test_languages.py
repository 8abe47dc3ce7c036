"""In which language a notebook is written, by what it says of itself."""

import pytest

from podbook_crds.call_rules.languages import said_by


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("python3", "python", "python"),
        ("python3", "none", "python"),
        ("python3", None, "python"),
        ("python3", "R", "r"),
        ("ir", "none", "r"),
        ("julia-1.11", "", "julia"),
        ("bash", 5, "bash"),
        (".net-csharp", "C#", "c#"),
        (".net-csharp", "none", "c#"),
        (".net-fsharp", "none", "f#"),
        (".net-powershell", None, "powershell"),
        ("sparkkernel", None, "scala"),
        ("sparkrkernel", "none", "r"),
        ("pysparkkernel", "none", "python"),
        ("cobol-kernel", "COBOL", "cobol"),
        ("my-env", None, None),
        (None, "Python", "python"),
        ([], {}, None),
    ],
)
def test_a_well_known_kernel_tells_the_language_where_what_is_said_is_odd(
    name: object, language: object, said: str | None
) -> None:
    spec = {"name": name, "language": language}

    assert said_by({"metadata": {"kernelspec": spec}}) == said
