"""Progress: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import io

from graft_plugin.engine import console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar_that_names_the_stage_and_leaves_nothing_behind(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with console.progress_bar() as report:
        report("load", 0, 0)
        for done in range(5):
            report("encode", done, 4)
    shown = terminal.getvalue()
    assert "Loading the model" in shown and "Encoding tiles" in shown and "4 of 4" in shown
    assert shown.endswith("\x1b[2K") or shown.rstrip("\r\n").endswith(("\x1b[2K", "\x1b[?25h"))


def test_elsewhere_lines_come_ever_more_rarely(monkeypatch, capsys):
    clock = iter(range(1000))
    monkeypatch.setattr(console.time, "monotonic", lambda: float(next(clock)))
    with console.progress_bar() as report:
        for done in range(300):
            report("encode", done, 300)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "graft: Encoding tiles: 1 of 300"
    steps = [int(line.split()[3]) for line in lines]
    gaps = [b - a for a, b in zip(steps, steps[1:])]
    assert gaps == sorted(gaps) and max(gaps) == 60 and len(lines) < 15


def test_short_stages_print_nothing_and_bytes_are_megabytes(monkeypatch, capsys):
    clock = iter([0.0, 0.5, 0.9, 0.9, 2.5, 2.6])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    with console.progress_bar() as report:
        report("load", 0, 0)
        report("load", 0, 0)
        report("load", 1, 1)
        report("download", 0, 0)
        report("download", 2_500_000, 40_000_000)
    assert capsys.readouterr().err == "graft: Downloading: 2 of 40 MB\n"
