"""Where the examples of settings are: in the package as installed, or beside it in a checkout."""

from pathlib import Path

import connector


def examples() -> Path:
    """The folder of examples."""
    package = Path(connector.__file__).parent
    installed = package / "_config" / "examples"
    return installed if installed.exists() else package.parent / "config" / "examples"
