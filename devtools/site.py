"""Hooks of the documentation site: what GitHub shows and MkDocs by itself would not.

The documents are read in two places. Their links are written for GitHub, relative to the file. Here
the site gets what is outside its folder: CONTRIBUTING.md and others of the root, a page for each
source file that a document names, the list of decisions, and the document of the API.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from devtools.reference import build_application

ROOT = Path(__file__).resolve().parents[1]
AT_THE_ROOT = (
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "THIRD_PARTY.md",
)
HISTORY = ("adr/", "calls/")
"""Long lists that would hide everything else in a search."""
REFERENCES = ("configure/line-yaml.md", "configure/settings.md")
"""What explains a field or a setting, of which other pages only make use."""
LANGUAGES = {"yml": "yaml", "py": "python", "example": "sh", "service": "ini", "csv": "text"}
MERMAID = "site/mermaid.tiny.js"
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
FENCE = re.compile(r"^ *```.*?^ *```+ *$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not files of docs/."""
    for name in AT_THE_ROOT:
        if (ROOT / name).exists():
            _add(files, config, name, (ROOT / name).read_text("utf-8"))
    _add(files, config, "adr/index.md", _list_decisions())
    _add(files, config, "integrate/openapi.json", _describe_api())
    sources: dict[str, str] = {}
    for file in list(files.documentation_pages()):
        for target in _outside(file.src_uri, file.content_string):
            sources[_name_page(target)] = target
    for page, target in sources.items():
        _add(files, config, page, _show(target))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to files outside docs/ to their pages, and keep history out of the search."""
    here = page.file.src_uri
    if here.startswith("files/") or (here.startswith(HISTORY) and here != "adr/index.md"):
        page.meta["search"] = {"exclude": True}
    if here in REFERENCES:
        page.meta["search"] = {"boost": 4}
    if here.startswith("files/"):
        return markdown
    return _replace_links(markdown, lambda target: _lead(here, target))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Load the program that draws diagrams, two megabytes, only where there is one, and name the
    theme's search for those who hear the page."""
    output = output.replace('role="dialog"', 'role="dialog" aria-label="Search"', 1)
    if 'class="mermaid"' not in output:
        return output
    address = posixpath.relpath(MERMAID, page.url or ".")
    return output.replace("</head>", f'<script src="{address}"></script></head>', 1)


def _add(files: Files, config: MkDocsConfig, name: str, content: str) -> None:
    known = files.get_file_from_path(name)
    if known is not None:
        files.remove(known)
    files.append(File.generated(config, name, content=content))


def _list_decisions() -> str:
    rows = []
    for file in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        title = file.read_text("utf-8").partition("\n")[0].lstrip("# ")
        rows.append(f"- [{title}]({file.name})")
    intro = "Why it is built this way: a decision a page, with its context, options and price."
    return f"# Decisions\n\n{intro}\n\n" + "\n".join(rows) + "\n"


def _describe_api() -> str:
    """The document that a running line gives."""
    client = build_application().test_client()
    return client.get("/api/v1/openapi.json").get_data(as_text=True)


def _outside(here: str, text: str) -> set[str]:
    """The files of the project, none of them on the site, to which a page has links."""
    found: set[str] = set()

    def note(target: str) -> str:
        goal = _resolve(here, target)
        if goal and not _is_page(goal):
            found.add(goal)
            if (ROOT / goal).is_dir():
                found.update(_list_files(goal))
        return target

    _replace_links(text, note)
    return found


def _lead(here: str, target: str) -> str:
    """The target as the site has it."""
    goal = _resolve(here, target)
    if goal is None:
        return target
    if goal == "docs/adr":
        page = "adr/index.md"
    elif _is_page(goal):
        page = goal.removeprefix("docs/")
    else:
        page = _name_page(goal)
    return posixpath.relpath(page, posixpath.dirname(here) or ".")


def _name_page(goal: str) -> str:
    """The page that shows a file; MkDocs leaves out names that begin with a dot."""
    plain = re.sub(r"(^|/)[.]", r"\1", goal)
    return f"files/{plain}.md"


def _is_page(goal: str) -> bool:
    if goal in AT_THE_ROOT or goal == "docs/adr":
        return True
    return goal.startswith("docs/") and (ROOT / goal).suffix in (".md", ".png", ".svg", ".json")


def _resolve(here: str, target: str) -> str | None:
    """The path of a link's target below the root of the project; None for an address, an anchor,
    or what does not exist, which the build then reports."""
    if "://" in target or target.startswith(("mailto:", "/")):
        return None
    base = "" if here in AT_THE_ROOT else posixpath.join("docs", posixpath.dirname(here))
    goal = posixpath.normpath(posixpath.join(base, target))
    return goal if (ROOT / goal).exists() and not goal.startswith("..") else None


def _list_files(folder: str) -> list[str]:
    return [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / folder).iterdir())
        if file.is_file() and file.suffix not in (".pyc", ".png")
    ]


def _show(goal: str) -> str:
    """A page with a file of the project, or with the list of a folder."""
    if (ROOT / goal).is_dir():
        here = posixpath.dirname(_name_page(goal))
        rows = [
            f"- [{name}]({posixpath.relpath(_name_page(name), here)})" for name in _list_files(goal)
        ]
        return f"# {goal}/\n\n" + "\n".join(rows) + "\n"
    name = posixpath.basename(goal)
    language = LANGUAGES.get(name.rpartition(".")[2], name.rpartition(".")[2])
    text = (ROOT / goal).read_text("utf-8")
    return f"# {goal}\n\n`````{language}\n{text.rstrip()}\n`````\n"


def _replace_links(text: str, replace: Callable[[str], str]) -> str:
    """The text with other targets of links; what is in a fence stays."""
    parts, fences = FENCE.split(text), FENCE.findall(text)
    done = [
        LINK.sub(lambda found: f"{found[1]}{replace(found[2])}{found[3]}", part) for part in parts
    ]
    return "".join(part + fence for part, fence in zip(done, [*fences, ""], strict=True))
