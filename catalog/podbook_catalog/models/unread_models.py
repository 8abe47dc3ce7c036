"""Stands for the models of a folder whose code is not run: who needs them is told what to do."""

from pathlib import PurePosixPath

from podbook_catalog.models.shared_models import BrokenModels
from podbook_crds.resources.notebook import SharedModel


class UnreadModels:
    """The models of a folder that comes from elsewhere: a module is a program."""

    def __init__(self, modules: list[str]) -> None:
        self._modules = modules

    def read(self, folder: PurePosixPath, python_path: list[str]) -> dict[str, SharedModel]:
        """Raise BrokenModels: the schemas of shared models are known only when they are run."""
        raise BrokenModels(
            f"its contract refers to shared models ({', '.join(self._modules)}), and nothing of a"
            " repository is run where Git is followed: write their schemas into its config, or"
            " push from the team's CI (`podbook push`)"
        )

    def close(self) -> None:
        """Nothing was started."""
