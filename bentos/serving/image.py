"""What goes into a serving image: what `bentos/` imports, and nothing of the flows."""

from importlib.metadata import version

from bentoml.images import Image

_PACKAGES = (
    "httptools",
    "numpy",
    "orjson",
    "prometheus-client",
    "psutil",
    "pyarrow",
    "pydantic",
    "pydantic-settings",
    "safetensors",
    "starlette",
    "torch",
    "uvloop",
)
_CUDA_BASE = "nvidia/cuda:13.0.1-runtime-ubuntu24.04"


def serving_image(*more: str, cuda: bool = False) -> Image:
    """The CPU image, or one on CUDA's runtime for hosts with a GPU; versions as installed here.

    ``more`` are packages that one service needs beside those of all.
    """
    image = Image(python_version="3.11", base_image=_CUDA_BASE if cuda else None)
    return image.python_packages(
        *(f"{name}=={_public(version(name))}" for name in (*_PACKAGES, *more))
    )


def _public(number: str) -> str:
    """Without the local part: `2.13.0+cpu` names a build, not a release to ask an index for."""
    return number.partition("+")[0]
