"""The guide's pages: fresh, in both languages, with every anchor and picture that is pointed at."""

from __future__ import annotations

import re

import pytest

from tools import guide

F1 = {"first-query", "threshold", "models", "environment", "export", "like", "processing", "troubleshooting", "setup",
      "options"}  # fmt: skip


def ids(text):
    return re.findall(r'\bid="([^"]+)"', text)


@pytest.mark.parametrize("name", guide.LANGUAGES)
def test_a_page_is_fresh_and_everything_it_points_at_is_there(name):
    text = (guide.FOLDER / f"{name}.html").read_text(encoding="utf-8")
    assert f"SHA-256 {guide.digest(name)}" in text, "stale: make guide"
    assert set(ids(text)) >= F1 and len(ids(text)) == len(set(ids(text)))
    links = re.findall(r'(?:href|src)="([^"]+)"', text)
    assert len(links) > 15
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids(text), link
        else:
            assert not link.startswith("http") and (guide.FOLDER / link).is_file(), f"{link}: the guide works offline"
    prose = re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<code>.*?</code>", "", text, flags=re.DOTALL)
    assert "{#" not in prose and "*" not in prose, "Markdown that was not understood"


def test_both_languages_have_the_same_sections_and_pictures():
    pages = [(guide.FOLDER / f"{name}.md").read_text(encoding="utf-8") for name in guide.LANGUAGES]
    for pattern in (r"\{#([\w-]+)\}", r"\]\((\.\./images/[^)]+)\)", r'id="([^"]+)"', r"(graft:\w+|graft \w+ )"):
        first, second = (re.findall(pattern, page) for page in pages)
        assert first == second and first
