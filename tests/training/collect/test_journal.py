"""What a collection knows already: whole records, one process at a time, plain errors."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from graft_plugin.errors import GraftError, OutputError, UsageError
from training.collect.journal import Journal


def test_records_outlive_the_process(tmp_path):
    folder = tmp_path / "사진 모음"
    with Journal(folder) as journal:
        journal.put("answers", "k", {"이름": [1, None, 0.5]})
        assert journal.get("pictures", "k") is None
    with Journal(folder) as journal:
        assert journal.get("answers", "k") == {"이름": [1, None, 0.5]}


def test_a_killed_writer_leaves_whole_records(tmp_path):
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom training.collect.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(500):\n    journal.put('answers', str(n), 'x' * 5000)\n"
        "    if n == 300: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    with Journal(tmp_path) as journal:
        assert all(journal.get("answers", str(n)) == "x" * 5000 for n in range(301))
        assert journal.get("answers", "301") is None


def test_other_settings_are_refused_and_the_same_go_on(tmp_path):
    with Journal(tmp_path) as journal:
        journal.agree({"cell_km": 10.0, "licences": (4, 5), "outdoor": None})
    with Journal(tmp_path) as journal:
        journal.agree({"cell_km": 10.0, "licences": (4, 5), "outdoor": None})
        with pytest.raises(UsageError, match=r"cell_km = 10\.0, not 5"):
            journal.agree({"cell_km": 5.0, "licences": (4, 5)})


def test_a_second_process_is_refused(tmp_path):
    with Journal(tmp_path) as _, pytest.raises(UsageError, match="another process"):
        Journal(tmp_path)
    Journal(tmp_path).__exit__(None, None, None)


def test_a_damaged_journal_is_a_plain_error(tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"not a database at all " * 100)
    with pytest.raises(OutputError, match="damaged"):
        Journal(tmp_path)


def test_a_folder_that_cannot_be_is_a_plain_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GraftError, match="cannot be written"):
        Journal(tmp_path / "file" / "photos")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_the_system_says_that_a_full_disk_is_full():
    from pathlib import Path

    from training.collect.photos import disk_error

    with pytest.raises(OSError) as caught, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert caught.value.errno == errno.ENOSPC
    text = str(disk_error(caught.value, Path("out")))
    assert "full" in text and "goes on" in text
