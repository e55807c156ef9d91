"""The use cases that web, workers and command line share."""

from functools import cache


@cache
def find_version() -> str:
    """The version of this checkout, or else of the installed package."""
    import tomllib
    from importlib.metadata import version
    from pathlib import Path

    file = Path(__file__).parents[1] / "pyproject.toml"
    project = tomllib.loads(file.read_text("utf-8"))["project"] if file.exists() else {}
    if project.get("name") == "priority-line":
        return str(project["version"])
    return version("priority-line")
