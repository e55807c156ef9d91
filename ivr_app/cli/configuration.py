"""`config`: the settings of this process, and where each came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

import click

from ivr_app.cli.context import LineCommand, json_option, print_objects, print_table
from settings import Description, Origin, describe_settings, read_with_origins

HIDDEN = "***"
WIDTH = 110

_CREDENTIALS = re.compile(r"://[^/?#]*@")
_AFTER_HOST = re.compile(r"[/?#]")
_SECRET_OPTION = re.compile(
    r"(?i)([?&;][^=&;]*(?:pass|secret|token|key|options)[^=&;]*=)[^&]*|(#).*"
)

EXAMPLE_HEAD = """
Every setting, with its default. A setting without a value is optional, unless its comment says
"required". The environment comes first, then this file as .env in the working directory (ENV_FILE
names another one; an empty ENV_FILE reads none), then the files of the folder that SECRETS_DIR
names, each named as its setting (secret_key or SECRET_KEY). NAME_FILE may name a file that holds
the value of NAME. `priority-line config` shows what counts. In this file ${NAME} is replaced by
the value of NAME; quote a value with blanks or a #.
"""

EXAMPLE_TAIL = """
The signing secret of a webhook: its `secret` in line.yaml is the name of the variable, which
begins with WEBHOOK_. The value is whsec_ and 24 to 64 bytes in base64. A variable with _PREVIOUS
appended signs too.
"""


@click.command("config", cls=LineCommand, example="config --json")
@json_option
@click.option("--example", is_flag=True, help="Print a .env with every setting and its default.")
def config(*, as_json: bool, example: bool) -> None:
    """Show the settings of this process, without secrets, and where each came from.

    The first place that has a value counts: the environment, a file that NAME_FILE names, .env in
    the working directory, the folder SECRETS_DIR, the default.
    """
    if example:
        click.echo(render_example(), nl=False)
        return
    rows = list(list_settings())
    if as_json:
        print_objects(rows)
        return
    cells = ([str(row["name"]), row["value"] or "", describe_origin(row)] for row in rows)
    print_table(("SETTING", "VALUE", "FROM"), cells)


def list_settings() -> Iterator[dict[str, str | None]]:
    """Each setting with its value, as far as it may be shown, and its origin."""
    settings, origins = read_with_origins()
    for about in describe_settings():
        name = about.name.lower()
        origin: Origin = origins[name]
        value = getattr(settings, name)
        yield {
            "name": about.name,
            "value": None if value in (None, "") else hide_secrets(about, str(value)),
            "source": origin.source,
            "file": None if origin.file is None else str(origin.file),
        }


def describe_origin(row: dict[str, str | None]) -> str:
    """Where a value came from, in words."""
    source, file = str(row["source"]), row["file"]
    if file is None:
        return source
    return {"secrets_dir": f"folder {file}", "env_file": str(file)}.get(source, f"file {file}")


def hide_secrets(about: Description, value: str) -> str:
    """The value without what opens anything: keys, users and passwords of addresses."""
    if about.shown == "never":
        return HIDDEN
    if "://" not in value:
        return value
    value = _CREDENTIALS.sub(f"://{HIDDEN}@", value)
    if about.shown == "host":
        scheme, _, rest = value.partition("://")
        return f"{scheme}://{_AFTER_HOST.split(rest, 1)[0]}/{HIDDEN}"
    return _SECRET_OPTION.sub(rf"\1\2{HIDDEN}", value)


def render_example() -> str:
    """The text of `.env.example`."""
    rows, group = [_comment(EXAMPLE_HEAD)], ""
    for about in describe_settings():
        if about.group != group:
            group = about.group
            rows += ["", f"# --- {group} ---"]
        rows.append(_comment(f"{about.meaning}{'; required' if about.required else ''}"))
        rows.append(f"{about.name}={about.default or ''}")
    rows += ["", _comment(EXAMPLE_TAIL), "# WEBHOOK_TICKETS=whsec_…"]
    return "\n".join(rows) + "\n"


def _comment(text: str) -> str:
    lines = wrap(text, WIDTH - 2, break_on_hyphens=False, break_long_words=False)
    return "\n".join(f"# {line}" for line in lines)
