"""Nothing of ours is installed in the kernel's image, and what is installed there wins."""

import ast
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

from podbook_runner.files.work_folder import KERNEL_FILES
from rig.runner_pod import PYTHON_KERNEL, a_job, a_pod, ipynb

SITE = sysconfig.get_path("platlib")
# Without `site` an interpreter knows what PYTHONPATH names, and no editable install of ours.
BARE_KERNEL = (PYTHON_KERNEL[0], "-S", *PYTHON_KERNEL[1:])


@pytest.mark.parametrize(
    ("cell", "output"),
    [
        pytest.param(
            "from podbook import save_output\nsave_output({'a': 1})", {"a": 1}, id="podbook"
        ),
        pytest.param(
            "from jupyrest import save_output\nsave_output('{\"a\": 1}')", {"a": 1}, id="jupyrest"
        ),
        pytest.param(
            "from jupyrest.nbschema import NbSchemaBase, ModelCollection\n"
            "class M(NbSchemaBase):\n    x: int\n"
            "ModelCollection().add_model('m', M)\n"
            "from jupyrest import save_output\nsave_output([M(x=1)])",
            [{"x": 1}],
            id="shared models",
        ),
        pytest.param(
            "import podbook\npodbook.save_output(podbook.__file__.split('/')[-4:-1])",
            [".podbook", "lib", "podbook"],
            id="it is the copy in the work folder",
        ),
    ],
)
def test_what_notebooks_import_is_within_reach(cell: str, output: object) -> None:
    with a_pod(
        a_job(ipynb(cell)), kernel=BARE_KERNEL, kernel_environment={"PYTHONPATH": SITE}
    ) as pod:
        result = pod.wait()

    assert (result.message, result.output) == ("", output)


def test_an_installed_jupyrest_wins(tmp_path: Path) -> None:
    (tmp_path / "jupyrest.py").write_text("installed = True")
    cell = "import jupyrest, podbook\npodbook.save_output(jupyrest.installed)"

    with a_pod(
        a_job(ipynb(cell)),
        kernel=BARE_KERNEL,
        kernel_environment={"PYTHONPATH": f"{tmp_path}:{SITE}"},
    ) as pod:
        result = pod.wait()

    assert result.output is True


@pytest.mark.parametrize(
    ("package", "module"),
    [(package, module) for package, modules in KERNEL_FILES for module in modules],
)
def test_what_runs_in_the_kernel_is_python_3_8(package: str, module: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    source = (Path(spec.origin).parent / module).read_text()

    tree = ast.parse(source, feature_version=(3, 8))

    uses_annotations = any(
        isinstance(node, (ast.FunctionDef, ast.AnnAssign)) for node in ast.walk(tree)
    )
    assert "from __future__ import annotations" in source or not uses_annotations
