"""A page with all pictures, so that one can look through them."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

_STYLE = """
body { font: 14px sans-serif; margin: 16px; background: #f4f4f4; color: #222 }
th { text-align: left; vertical-align: top; padding: 8px; font-weight: 600; white-space: nowrap }
td { padding: 8px; vertical-align: top }
img { width: 420px; border: 1px solid #bbb; display: block }
thead th { position: sticky; top: 0; background: #f4f4f4 }
"""


def write(folder: Path, taken: Mapping[str, Mapping[str, Path]], left_out: Sequence[str]) -> Path:
    """Write `index.html` into `folder`: `taken` is the file of each view by how it was shown,
    `left_out` are sentences. Gives its path.
    """
    looks = list(dict.fromkeys(look for files in taken.values() for look in files))
    rows = [
        f'<tr id="{escape(name)}"><th>{escape(name)}</th>'
        + "".join(f"<td>{_picture(files.get(look))}</td>" for look in looks)
        + "</tr>"
        for name, files in taken.items()
    ]
    head = "".join(f"<th>{escape(look)}</th>" for look in ("", *looks))
    missing = "".join(f"<li>{escape(words)}</li>" for words in left_out)
    path = folder / "index.html"
    path.write_text(
        "<!DOCTYPE html>\n<html lang='en'><meta charset='utf-8'><title>photoclust</title>"
        f"<style>{_STYLE}</style>\n<table><thead><tr>{head}</tr></thead>\n"
        + "\n".join(rows)
        + f"</table>\n<ul>{missing}</ul></html>\n",
        encoding="utf-8",
    )
    return path


def _picture(file: Path | None) -> str:
    if file is None:
        return ""
    link = quote(file.name)
    return f'<a href="{link}"><img loading="lazy" alt="{escape(file.stem)}" src="{link}"></a>'
