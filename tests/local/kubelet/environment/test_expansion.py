"""`$(NAME)` means what it means in a real cluster."""

import pytest

from podbook_cluster.kubelet.environment.expansion import expand


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        pytest.param("a $(A) b", "a 1 b", id="a known name is replaced"),
        pytest.param("$(B)", "$(B)", id="an unknown name stays"),
        pytest.param("$$(A)", "$(A)", id="a doubled dollar escapes"),
        pytest.param("$$$(A)", "$1", id="the escape comes first"),
        pytest.param("kill $$", "kill $", id="a doubled dollar is one, also where no name follows"),
        pytest.param("$(A", "$(A", id="an open bracket stays"),
        pytest.param("$A ${A}", "$A ${A}", id="what is the shell's stays the shell's"),
    ],
)
def test_expand(text: str, becomes: str) -> None:
    assert expand(text, {"A": "1"}) == becomes
