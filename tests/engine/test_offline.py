"""The engine makes no connection while the switch is on, whatever a raster's name or content points at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import rasterio.shutil

from graft_plugin.engine.offline import refuse_remote
from graft_plugin.engine.preparation import look_at
from graft_plugin.engine.requests import QueryRequest
from graft_plugin.errors import OfflineError

from ..servers import files_served

ROOT = Path(__file__).resolve().parents[2]

OPEN = """
import json, os, sys
from graft_plugin.engine.offline import close_gdal
from graft_plugin.switches import is_offline
if is_offline():
    close_gdal()
from graft_plugin.engine.source import open_raster
def ended(path):
    try:
        with open_raster(path) as src:
            return int(src.read(1).max())
    except Exception as error:
        return str(error)
print(json.dumps([ended(path) for path in sys.argv[1:]]))
"""


def test_no_server_is_asked_by_an_address_a_vrt_or_a_map_service(colour_scene, engine_env, tmp_path):
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "scene.tif").write_bytes(colour_scene.path.read_bytes())
    hits: list[str] = []
    with files_served(tmp_path / "served", hits=hits) as address:
        local, remote, service = (tmp_path / name for name in ("local.vrt", "remote.vrt", "service.xml"))
        rasterio.shutil.copy(colour_scene.path, local, driver="VRT")
        for vrt, source in ((remote, f"/vsicurl/{address}/scene.tif"), (local, colour_scene.path)):
            named = f'<SourceFilename relativeToVRT="0">{source}<'
            vrt.write_text(re.sub(r"<SourceFilename[^>]*>[^<]*<", named, local.read_text()))
        service.write_text(
            f'<GDAL_WMS><Service name="TMS"><ServerUrl>{address}/${{z}}/${{x}}/${{y}}.png</ServerUrl></Service>'
            "<DataWindow><UpperLeftX>0</UpperLeftX><UpperLeftY>9</UpperLeftY><LowerRightX>9</LowerRightX>"
            "<LowerRightY>0</LowerRightY><TileLevel>1</TileLevel></DataWindow><Projection>EPSG:32615</Projection>"
            "<BlockSizeX>64</BlockSizeX><BlockSizeY>64</BlockSizeY><BandsCount>3</BandsCount></GDAL_WMS>"
        )
        rasters = [f"/vsicurl/{address}/scene.tif", f"{address}/scene.tif", remote, service, local]

        def look(env):
            hits.clear()
            words = [sys.executable, "-c", OPEN, *map(str, rasters)]
            env = {**engine_env, "no_proxy": "127.0.0.1", **env}
            done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout), list(hits)

        found, asked = look({"GRAFT_OFFLINE": "1"})
        assert asked == []
        assert all("over the network, and the offline switch is on" in text for text in found[:2])
        assert all(isinstance(text, str) for text in found[2:4]), "a local file that names a server is not read either"
        assert found[4] > 0, "and one that names a file is"
        found, asked = look({"GRAFT_OFFLINE": "0"})
        assert len(asked) > 0 and "offline" not in json.dumps(found)


def test_a_request_that_is_offline_refuses_an_address_without_its_secrets(colour_model):
    request = QueryRequest("https://me:secret@example.org/a.tif", ("lake",), model=str(colour_model), offline=True)
    with pytest.raises(OfflineError) as caught:
        look_at(request, None)  # type: ignore[arg-type] - refused before the encoder is looked at
    assert "secret" not in str(caught.value) and "example.org" in str(caught.value)
    for local in ("/data/http/a.tif", r"C:\s3\a.tif", "/vsizip//data/a.zip/b.tif", "/vsimem/a.tif"):
        refuse_remote(local)
