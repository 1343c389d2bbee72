"""`graft ask`: questions about a scene whose every pixel is known, through the real engine, shell and worker."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import time
from dataclasses import replace

import pyogrio
import pytest
import shapely

from graft_plugin.engine import cli, embed
from graft_plugin.protocol import Cancel, Failure, Progress, Request, Result

from ...servers import serving
from ..test_serve import Client
from .test_writer import EXAMPLE, KEY, Replies, as_json, fault, whole


@pytest.fixture
def ask(capsys, colour_model, colour_scene):
    """`ask(*words)` runs the command on the colour scene; returns (status, answer or text, stderr)."""

    def run(*words, raster=colour_scene.path, refine="none"):
        words = [str(word) for word in ("ask", raster, *words)]
        words += ["--model", str(colour_model), "--sam", str(colour_model / "sam.safetensors"), "--refine", refine]
        status = cli.main(words)
        out, err = capsys.readouterr()
        return status, json.loads(out) if "--json" in words and not status else out, err

    return run


def area_of(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def test_answers_are_the_scenes_own_numbers(ask, colour_scene):
    lake, wood = colour_scene.lake, colour_scene.wood
    answers = {
        "How many lakes are there?": (1, "lakes", "1 lake."),
        "How many lakes are within 90 m of a forest?": (0, "lakes", "No lakes within 90 m of a forest."),
        "Is there a lake within 91 m of a forest?": (True, "", "There is a lake within 91 m of a forest."),
        "How far is the lake from the forest?": (64 * math.sqrt(2), "m", None),
        "How many square metres of lake are there?": (area_of(lake), "m2", "10,752 m² of lake."),
        "What share of the view is forest?": (100 * area_of(wood) / 448**2, "%", "4.59 % of the view is forest."),
        "Is the forest north of the lake?": (False, "", "There is no forest north of the lake."),
        "Which covers more area: the lake or the forest?": ("lake", "", "Lake, the most of these by area."),
    }
    for question, (value, unit, text) in answers.items():
        status, found, err = ask(question, "--json")
        assert status == 0, err
        assert found["value"] == (pytest.approx(value) if isinstance(value, float) else value), question
        assert found["unit"] == unit and (text is None or found["text"] == text)
        assert 0.9 < found["confidence"] <= 1 and found["planner"] == "built-in"


def test_every_step_is_a_layer_beside_what_the_file_holds(ask, colour_scene, tmp_path):
    out = tmp_path / "o.gpkg"
    shown = "How much lake is more than 100 m from a forest?"
    status, found, err = ask(shown, "--json", "--out", out)
    assert status == 0, err
    layers = [step["layer"] for step in found["steps"]]
    assert layers == [name for name, _kind in pyogrio.list_layers(out)] and layers[:2] == ["lakes", "forests"]
    lakes = pyogrio.read_dataframe(out, layer="lakes")
    assert lakes.geometry[0].equals(shapely.box(*colour_scene.lake)) and lakes.crs.to_epsg() == 32615
    assert lakes.text[0] == "lake" and lakes.area_m2[0] == area_of(colour_scene.lake) and lakes.score[0] > 0.9
    rest = pyogrio.read_dataframe(out, layer=layers[-1]).geometry.union_all()
    truth = shapely.box(*colour_scene.lake) - shapely.box(*colour_scene.wood).buffer(100, quad_segs=200)
    assert rest.symmetric_difference(truth).area < 0.002 * truth.area
    assert found["value"] == pytest.approx(truth.area / 1e4, rel=0.002)

    assert ask("Is there a forest?", "--out", out)[0] == 0
    assert ask("How many lakes are near a forest outside a lake?", "--plan", "/dev/null", "--out", out)[0] == 2
    assert sorted(name for name, _kind in pyogrio.list_layers(out)) == sorted(layers)
    plan = tmp_path / "plan.txt"
    plan.write_text("lakes = find('lake')\nlakes = subtract(lakes, lakes)\ngpkg = find('lake')\nanswer(count(lakes))\n")
    status, found, err = ask("--plan", plan, "--out", out, "--json")
    assert status == 0, err
    assert (found["planner"], found["value"], found["text"]) == ("given", 0, "0.")
    assert [(s["name"], s["layer"], s["count"]) for s in found["steps"]] == [
        ("lakes", "lakes", 1), ("lakes_2", "lakes_2", 0), ("gpkg", "the_gpkg", 1),
    ]  # fmt: skip
    assert {name for name, _kind in pyogrio.list_layers(out)} == {*layers, "lakes_2", "the_gpkg"}
    assert len(pyogrio.read_dataframe(out, layer="lakes")) == 1  # replaced, not appended to


def test_tiles_are_encoded_once_for_all_texts_and_nothing_is_kept(ask, colour_scene, tmp_path, monkeypatch):
    encoded = []
    real = embed._Run._encode_batch

    def counting(self, pixels):
        for batch in real(self, pixels):
            encoded.append(batch[2])
            yield batch

    monkeypatch.setattr(embed._Run, "_encode_batch", counting)
    assert ask("Is there a lake?", "--no-store")[0] == 0
    one, encoded[:] = sum(encoded), []
    assert ask("Is there a lake near a forest north of bare soil?", "--no-store")[0] == 0
    assert sum(encoded) == one > 0
    assert not (tmp_path / "store").exists() and not os.path.exists(os.path.join(os.environ["GRAFT_HOME"], "store"))


def test_regions_are_refined_classified_and_matched(ask, tmp_path):
    plan = tmp_path / "plan.txt"
    plan.write_text(
        "both = union(find('lake'), find('forest'))\n"
        "wood = best_match(both, 'forest')\n"
        "answer(classify(wood, ['lake', 'soil', 'forest']), about='at ' + classify(largest(both), ['forest', 'lake']))"
    )
    status, found, err = ask("--plan", plan, "--json")
    assert status == 0, err
    assert found["value"] == "forest" and found["text"] == "Forest at lake."
    status, found, _err = ask("Is this a lake, a forest or soil?", "--json")
    assert status == 0 and found["value"] == "soil" and 0.5 < found["confidence"] < 0.95  # 90 % of it is soil
    assert found["why"] == f"“soil” got {found['confidence']:.2f} of what all labels got."
    assert ask("How many lakes are there?", "--json", refine="sam")[1]["steps"][0]["count"] >= 1


def test_change_is_what_two_dates_differ_in(ask, colour_scene, tmp_path):
    before = replace(colour_scene, path=tmp_path / "before.tif", lake=(500_096, 4_999_776, 500_112, 4_999_888)).write()
    status, found, err = ask("How much lake was gained since 2018?", "--before", before.path, "--json")
    assert status == 0, err
    assert found["value"] == pytest.approx((area_of(colour_scene.lake) - area_of(before.lake)) / 1e4, rel=0.2)
    assert [step["name"] for step in found["steps"]] == ["changes_gained", "changes_lost", "gained_lake"]
    swapped = ask("Was lake lost between the dates?", "--before", colour_scene.path, "--json", raster=before.path)[1]
    assert swapped["value"] is True and swapped["text"] == "Yes: lake was lost."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["How many lakes sparkle?"], "does not understand “lakes sparkle”. It understands: how many"),
        ([], "nothing was asked"),
        (["How much lake was lost since 2018?"], "there is only one raster. Give the earlier one, too (--before)"),
        (["--plan", "PLAN"], "line 2 of the plan: there is no function eval"),
        (["--plan", "/nowhere/plan"], "the plan cannot be read"),
        (["Is there a lake?", "--endpoint", "http://127.0.0.1:9/v1"], "Give it with --endpoint-model"),
        (["Is there a lake?", "--endpoint-model", "m"], "Give its address with --endpoint"),
        (["Is there a lake?", "--out", "o.tif"], "must end in .gpkg"),
        (["Is there a lake?", "--threshold", "7"], "the threshold must be auto or lie in 0..1"),
    ],
)
def test_a_mistake_is_one_plain_line(words, said, ask, tmp_path):
    (tmp_path / "plan").write_text("a = 1\neval('1')\n")
    status, _out, err = ask(*[str(tmp_path / "plan") if word == "PLAN" else word for word in words])
    lines = [line for line in err.splitlines() if "note:" not in line]
    assert status == 2 and len(lines) == 1 and said in lines[0]


def test_an_endpoint_writes_the_plan_and_mends_what_fails_in_running(ask, direct, monkeypatch, tmp_path):
    monkeypatch.setenv("GRAFT_LLM_KEY", KEY)
    fails, works = "x = find('lake')\nanswer(near(x, x))", EXAMPLE.replace("pond", "lake").replace("road", "forest")
    replies = Replies([whole(as_json(fails)), whole(as_json(works))])
    with serving(replies.handler, "/v1") as url:
        reached = ["--endpoint", url, "--endpoint-model", "tiny"]
        status, found, err = ask("Wie viele Seen liegen am Wald?", *reached, "--json", "--out", tmp_path / "o.gpkg")
    assert status == 0, err
    assert (found["planner"], found["value"], found["plan"]) == ("endpoint", 1, works + "\n")
    assert "near needs metres" in replies.bodies[1]["messages"][3]["content"]
    assert replies.heads[0]["Authorization"] == f"Bearer {KEY}" and KEY not in json.dumps(found) + err
    assert KEY.encode() not in (tmp_path / "o.gpkg").read_bytes()
    sent = json.dumps(replies.bodies)
    assert (
        "colours.tif" not in sent and "image_url" not in sent and max(map(len, map(json.dumps, replies.bodies))) < 2e4
    )
    with serving(Replies([whole(as_json(works))]).handler, "/v1") as url:
        only = ask("Seen?", "--endpoint", url, "--endpoint-model", "tiny", "--plan-only", "--json")[1]
    assert (only["plan"], only["planner"]) == (works + "\n", "endpoint") and only["seconds"] > 0
    with serving(Replies([fault(401, KEY)]).handler, "/v1") as url:
        status, _out, err = ask("Seen?", "--endpoint", url, "--endpoint-model", "tiny")
    assert status == 2 and "does not accept the key" in err and KEY not in err


def test_what_the_model_never_saw_is_not_answered(ask):
    status, _out, err = ask("Is there a zebra near a lake?")
    assert status == 2 and "never saw 'zebra': it cannot look for it. Choose another model" in err
    status, found, err = ask("Is there a muddy lake?", "--json")
    assert status == 0 and "never saw 'muddy'" in found["warnings"][0]
    assert "never saw 'rural', 'area'" in ask("Is this a rural or an urban area?")[2]


def test_the_plan_alone_and_the_lines_of_an_answer(ask):
    status, out, _err = ask("How many lakes are near a forest?", "--plan-only")
    assert (
        status == 0 and out.startswith('lakes = find("lake")\n') and out.endswith('about="within 100 m of a forest")\n')
    )
    status, out, _err = ask("How many lakes are near a forest?")
    lines = out.splitlines()
    assert lines[0] == "1 lake within 100 m of a forest." and lines[1].startswith("confidence 1.00: 1 region of “")
    assert "    lakes: 1 region, 1.08 ha" in lines


def test_what_a_plan_may_call_is_listed(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["ask", "--functions"])
    assert ended.value.code == 0 and "near(a, b, metres): those of a" in capsys.readouterr().out


def test_the_worker_answers_reports_and_cancels_within_a_second(
    colour_model, colour_scene, tmp_path, tmp_path_factory, engine_env
):
    def silent(handler):
        time.sleep(30)

    engine = Client(("-m", "graft_plugin.engine", "serve"), engine_env)
    try:
        assert "ask" in engine.next(60).methods
        params = {
            "raster": str(colour_scene.path), "question": "How many lakes are near a forest?",
            "model": str(colour_model), "sam": str(colour_model / "sam.safetensors"), "threshold": "auto",
            "store": str(tmp_path_factory.mktemp("store")), "out": str(tmp_path / "o.gpkg"),
        }  # fmt: skip
        latencies = {}
        with serving(Replies([silent]).handler, "/v1") as url:
            endpoint = {"url": url, "model": "m", "key": KEY}
            for stage, more in (("plan", {"endpoint": endpoint}), ("encode", {"gsd_m": 0.05, "use_store": False})):
                engine.send(Request(id=stage, method="ask", params={**params, **more}))
                while engine.until(Progress, 120).stage != stage:
                    pass
                time.sleep(0.05)
                started = time.monotonic()
                engine.send(Cancel(id=stage))
                end = engine.until((Failure, Result), 120)
                latencies[stage] = time.monotonic() - started
                assert isinstance(end, Failure) and end.error["code"] == "cancelled", end
        assert max(latencies.values()) < 1.0, latencies
        assert os.listdir(tmp_path) == []
        engine.send(Request(id="whole", method="ask", params=params))
        result = engine.until((Failure, Result), 120)
        assert isinstance(result, Result), result
        assert result.value["steps"][0]["layer"] == "lakes" and result.value["out"] == str(tmp_path / "o.gpkg")
        with sqlite3.connect(tmp_path / "o.gpkg") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        engine.send(Request(id="plan", method="plan", params={"question": params["question"]}))
        assert engine.until((Failure, Result), 120).value["plan"].startswith('lakes = find("lake")')
        engine.send(Request(id="bad", method="ask", params={**params, "question": "", "plan": "answer(x)"}))
        failure = engine.until((Failure, Result), 120)
        assert failure.error["code"] == "plan" and failure.error["message"].startswith("line 1 of the plan: ")
    finally:
        engine.process.kill()
        engine.process.wait()
