"""What pip and uv say, understood; why they fail, in one sentence; what they may see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graft_plugin.client.install_errors import install_error
from graft_plugin.client.installers import DOWNLOADED, Installer, InstallOutput
from graft_plugin.client.network import installer_environment
from graft_plugin.client.recipe import Sources

PIP = r"""
Looking in indexes: https://pypi.org/simple
Ignoring colorama: markers 'sys_platform == "win32"' don't match your environment
Requirement already satisfied: attrs==26.1.0 in ./lib/python3.12/site-packages (from -r list.txt (line 1))
Collecting numpy==2.4.6 (from -r list.txt (line 2))
  Downloading numpy-2.4.6-cp312-cp312-manylinux_2_28_x86_64.whl (16.6 MB)
Progress 0 of 16645538
Progress 8000000 of 16645538
"""
UV = """
Using Python 3.12.1 environment at: t/env
Resolved 3 packages in 344ms
Downloading shapely (2.2MiB)
Downloading numpy (15.9MiB)
 Downloaded shapely
"""


def heard(text: str, total: int) -> tuple[InstallOutput, list[str]]:
    output = InstallOutput(total)
    return output, [line for line in text.strip().splitlines() if output.take(line)]


def test_pips_bytes_and_packages():
    output, logged = heard(PIP, 5)
    assert (output.name, output.done, output.total) == ("numpy", 8_000_000, 16_645_538)
    assert (output.packages_done, output.packages_total) == (2, 4) and output.downloading
    assert not any(line.startswith("Progress") for line in logged) and len(logged) == 5
    assert output.share() == pytest.approx(DOWNLOADED / 2)
    assert output.share(32_000_000) == pytest.approx(DOWNLOADED / 4)
    output.take(r"Processing c:\a b\torch-2.14.1+cpu-cp312-cp312-win_amd64.whl (from -r list.txt (line 3))")
    assert output.name == "torch" and output.packages_done == 3
    output.take("  Downloading https://host/whl/cpu/torch-2.14.1%2Bcpu-cp312-cp312-linux_x86_64.whl (184.3 MB)")
    assert (output.name, output.total) == ("torch", 184_300_000)
    output.take("Installing collected packages: numpy, attrs")
    assert output.installing and output.share(10**12) == DOWNLOADED


def test_uvs_packages():
    output, _ = heard(UV, 5)
    assert (output.packages_done, output.packages_total) == (1, 3) and output.downloading
    assert (output.name, output.total) == ("numpy", int(15.9 * 2**20))


@pytest.mark.parametrize(
    ("line", "words", "remedy"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full", "room"),
        ("  cause: No space left on device (os error 28)", "disk is full", "GRAFT_HOME"),
        ("  cause: dns error", "network does not answer", "wheels"),
        ("WARNING: Retrying ... NewConnectionError('Failed to establish a new connection')", "network", "pip download"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "not trusted", "certificate"),
        ("  cause: invalid peer certificate: UnknownIssuer", "not trusted", "PIP_CERT"),
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407", "proxy refused", "password"),
        ("ERROR: Could not install: Missing dependencies for SOCKS support.", "proxy refused", "address"),
        ("ERROR: HTTP error 503 while getting https://host/x.whl", "fault of its own", "later"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "damaged", "Retry"),
        ("ERROR: Could not install: [WinError 5] Access is denied: 'C:\\x'", "cannot be written", "scanner"),
        ("ERROR: No matching distribution found for rasterio==1.4.4", "has no rasterio", "3.12"),
        ("ERROR: the moon is full", "^the moon is full", "log"),
        ("", "failed with status 7", "log"),
    ],
)  # fmt: skip
def test_why_it_failed(line, words, remedy):
    error = install_error(["Collecting x", line], 7, Path("/e"), None, Path("/log.txt"))
    assert re.search(words, error.message) and remedy in error.remedy, error
    assert (error.path == "/log.txt") == ("log" in remedy and "wheels" not in remedy)


def test_a_folder_of_wheels_that_lacks_one_is_named(tmp_path):
    said = ["ERROR: No matching distribution found for zarr==3.1.6"]
    error = install_error(said, 1, Path("/e"), tmp_path, Path("/l"))
    assert error.message.startswith("the folder of wheels lacks zarr") and error.path == str(tmp_path)


def test_paths_with_spaces_commas_and_korean_go_as_addresses(tmp_path):
    folder = tmp_path / "바퀴 a,b"
    folder.mkdir()
    for installer in (Installer(tmp_path), Installer(tmp_path, Path("/bin/uv"))):
        words = installer.words("list.txt", Sources(wheels=folder, index="http://nowhere"))
        address = words[words.index("--find-links") + 1]
        assert address.startswith("file:///") and not set(address) & set(" ,바")
        assert "--no-index" in words and "--index-url" not in words and "--no-deps" in words


def test_the_systems_trust_store_is_asked_for_where_pip_does_not_use_it_by_itself(tmp_path):
    for version, asked in (((23, 0), False), ((23, 3), True), ((24, 1), True), ((24, 2), False), ((26, 3), False)):
        words = Installer(tmp_path, None, version).words("list.txt", Sources())
        assert ("truststore" in words) == asked and ("raw" in words) == (version >= (24, 1))


def test_an_installer_sees_the_proxy_and_the_index_and_nothing_that_moves_its_target(tmp_path, monkeypatch):
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT", "PYTHONHOME", "PROJ_LIB", "PIP_USER"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://old:1")
    env = installer_environment(Sources(), tmp_path)
    assert env["HTTPS_PROXY"] == "http://old:1" and env["PIP_INDEX_URL"] == "https://mirror/simple"
    env = installer_environment(Sources(proxy="http://u:p%40@new:2"), tmp_path)
    assert env["HTTPS_PROXY"] == env["https_proxy"] == env["HTTP_PROXY"] == "http://u:p%40@new:2"
    assert "/elsewhere" not in env.values() and env["PIP_USER"] == "0"
    assert env["TMPDIR"] == str(tmp_path / "tmp") and env["UV_NATIVE_TLS"] == "1"
