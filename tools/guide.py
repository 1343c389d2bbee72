"""`make guide`: docs/guide/*.md → the HTML pages beside them, which the plugin ships and F1 opens.

A heading's `{#name}` becomes its anchor. Each page holds the SHA-256 of what it was made from, so that a test can tell
a stale one whatever version of the Markdown library is installed.
"""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "guide"
LANGUAGES = {"index": ("en", "English"), "ko": ("ko", "한국어")}
ANCHOR = re.compile(r"\s*\{#([\w-]+)\}\s*$")

STYLE = """
:root { color-scheme: light dark; --line: #d5dbd6; --soft: #f3f6f3; --link: #1b6e4b }
@media (prefers-color-scheme: dark) { :root { --line: #3a423d; --soft: #232925; --link: #7fd1a8 } }
body { font: 16px/1.6 "Segoe UI", Roboto, "Noto Sans", "Apple SD Gothic Neo", "Noto Sans KR", "Malgun Gothic",
       sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; word-break: keep-all;
       overflow-wrap: anywhere }
h1 { line-height: 1.2 } h2 { margin-top: 2.5rem; padding-top: .5rem; border-top: 1px solid var(--line) }
a { color: var(--link) } img { max-width: 100%; border: 1px solid var(--line); border-radius: 4px }
nav { background: var(--soft); padding: .75rem 1rem; border-radius: 6px; columns: 2 15rem }
nav a { display: block } .languages { float: right } code { background: var(--soft); padding: .1em .3em }
pre { background: var(--soft); padding: .75rem 1rem; overflow-x: auto; border-radius: 6px } pre code { padding: 0 }
table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { border-bottom: 1px solid var(--line); padding: .4rem .75rem .4rem 0; text-align: left; vertical-align: top }
"""

PAGE = """<!DOCTYPE html>
<!-- made by `make guide` from {name}.md, SHA-256 {digest} -->
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<p class="languages">{others}</p>
{top}
<nav>
{contents}
</nav>
{body}
</body>
</html>
"""


def digest(name: str) -> str:
    """Return the SHA-256 of everything that a page is made from."""
    return hashlib.sha256((FOLDER / f"{name}.md").read_bytes() + STYLE.encode() + PAGE.encode()).hexdigest()


def page(name: str) -> str:
    """Return the page of `name`.md."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    title, sections = "", []
    for opening, inline in zip(tokens, tokens[1:]):
        if opening.type != "heading_open" or not inline.children:
            continue
        last = inline.children[-1]
        found = ANCHOR.search(last.content)
        if found:
            opening.attrSet("id", found[1])
            last.content = last.content[: found.start()]
        words = "".join(child.content for child in inline.children)
        if opening.tag == "h1":
            title = words
        elif found:
            sections.append((found[1], words))
    first = next(k for k, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2")
    render = reader.renderer.render
    return PAGE.format(
        name=name,
        digest=digest(name),
        language=LANGUAGES[name][0],
        title=escape(title),
        style=STYLE,
        others=" · ".join(f'<a href="{other}.html">{words}</a>' for other, (_, words) in LANGUAGES.items()
                          if other != name),
        top=render(tokens[:first], reader.options, {}),
        contents="\n".join(f'<a href="#{anchor}">{escape(words)}</a>' for anchor, words in sections),
        body=render(tokens[first:], reader.options, {}),
    )  # fmt: skip


def main() -> None:
    """Write every page."""
    for name in LANGUAGES:
        target = FOLDER / f"{name}.html"
        target.write_text(page(name), encoding="utf-8")
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
