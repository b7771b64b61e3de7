"""The pages of the add-ons, made from the fragments in their folders ``readme/``.

Each add-on gets a ``README.md`` and, for Odoo's list of apps, ``static/description/index.html``. Runs in the
environment of ``make lint`` (Markdown): ``python readme.py [--check]``.
"""

import ast
import html
import sys
from pathlib import Path

import markdown

REPO = Path(__file__).resolve().parent.parent
#: Fragments in their order on the page, with their titles; the description comes without any.
SECTIONS = {
    "DESCRIPTION": "",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues and roadmap",
    "CONTRIBUTORS": "Contributors",
}
REQUIRED = ("DESCRIPTION", "USAGE", "CONTRIBUTORS")
NOTICE = "<!-- Made from the fragments in readme/ by 'python3 -m dev readme': change those. -->"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body>
{notice}
<div style="max-width: 60em; margin: 0 auto;">
{body}
</div>
</body>
</html>
"""


def pages(folder: Path) -> dict[Path, str]:
    """Return the pages of an add-on, {path: text}.

    :raise ValueError: a fragment is missing or unknown
    """
    fragments = {path.stem: path.read_text().strip() for path in (folder / "readme").glob("*.md")}
    missing, unknown = set(REQUIRED) - fragments.keys(), fragments.keys() - SECTIONS.keys()
    if missing or unknown:
        raise ValueError(f"{folder.name}/readme: missing {sorted(missing)}, unknown {sorted(unknown)}")
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
    text = f"# {manifest['name']}\n\n"
    for name, title in SECTIONS.items():
        if name in fragments:
            text += f"## {title}\n\n" * bool(title) + f"{fragments[name]}\n\n"
    text += f"## Credits\n\n**Authors:** {manifest['author']}\n\n"
    text += f"**Licence:** {manifest['license']}, as Odoo Community\n\n**Source and bugs:** <{manifest['website']}>\n"
    body = markdown.markdown(text, extensions=["tables", "sane_lists"])
    title = html.escape(manifest["name"])
    return {
        folder / "README.md": f"{NOTICE}\n\n{text}",
        folder / "static" / "description" / "index.html": PAGE.format(title=title, notice=NOTICE, body=body),
    }


def main(arguments: list[str]) -> int:
    """Write the pages that are not up to date; with ``--check``, name them and fail instead."""
    stale = []
    for manifest in sorted(REPO.glob("*/__manifest__.py")):
        for path, text in pages(manifest.parent).items():
            if not path.exists() or path.read_text() != text:
                stale.append(path)
                if "--check" not in arguments:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
    for path in stale:
        print(f"{'not up to date' if '--check' in arguments else 'written'}: {path.relative_to(REPO)}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
