"""How far an execution on the real node is, and what is kept of it."""

from rig.ipynb import notebook, text_of
from tests.cluster import commands
from tests.cluster.installed import Installed, get

SLEEP = notebook("print('begun')", "import time\ntime.sleep(600)")


def begun(name: str) -> None:
    """Wait until an execution's cells run."""
    commands.until(lambda: phase_of(name) == "Running", f"{name} running", seconds=180)


def phase_of(name: str) -> str:
    return str(get("nbx", name)["status"]["phase"])


def reason_of(name: str) -> str:
    return str(get("nbx", name)["status"].get("reason", ""))


def kept(podbook: Installed, name: str) -> str:
    """Return the text of the notebook as far as it got."""
    return text_of(podbook.artifact(name, "notebook.ipynb"))
