"""Questions to plans: what each comes to over regions that are known, and what is not understood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from graft_plugin.engine.ask import nouns
from graft_plugin.engine.ask.finder import Change, Region
from graft_plugin.engine.ask.functions import FUNCTIONS
from graft_plugin.engine.ask.language import run_plan
from graft_plugin.engine.ask.planner import plan_for
from graft_plugin.engine.ask.sentence import sentence
from graft_plugin.engine.ask.syntax import parse
from graft_plugin.errors import PlanError

from .conftest import Given

# of the world in conftest: ponds of 400, 2500 and 100 m², 50, 650 and 10 m from the road along the south, which is
# 10 000 m² large; a forest of 117 500 m² around the second pond; a view of 1 km². Around a square of edge a, the ground
# within d measures 4ad + πd²: 51 416 m² for the pond in the forest.
ANSWERS = {
    "How many ponds are there?": (3, "3 ponds."),
    "How many ponds lie within 100 m of a road?": (2, "2 ponds within 100 m of a road."),
    "How many PONDS are within 0.05 kilometres of roads": (2, "2 ponds within 0.05 km of a road."),
    "How many ponds are less than 10 metres away from the road?": (1, "1 pond within 10 m of the road."),
    "how many ponds are more than 160 feet from a road?": (2, "2 ponds more than 160 ft from a road."),
    "How many ponds are not near a road?": (1, "1 pond more than 100 m from a road."),
    "How many ponds are far from a road?": (1, "1 pond more than 100 m from a road."),
    "How many ponds are next to the road?": (1, "1 pond within 20 m of the road."),
    "How many ponds aren't in a forest?": (2, "2 ponds outside a forest."),
    "How many ponds inside the forest are there?": (1, "1 pond in the forest."),
    "How many ponds are within one mile of another pond?": (3, "3 ponds within 1 mile of a pond."),
    "How many ponds are within 100 m of another pond?": (0, "No ponds within 100 m of a pond."),
    "How many ponds are there without a road nearby?": (1, "1 pond more than 100 m from a road."),
    "How many ponds with a road within 30 m are there?": (1, "1 pond within 30 m of a road."),
    "How many ponds are larger than 300 m² and within 100 m of a road?": (
        1, "1 pond larger than 300 m² within 100 m of a road.",
    ),
    "How many ponds over 0.1 acres are there?": (1, "1 pond larger than 0.1 acres."),
    "How many ponds are near a road or a forest?": (3, "3 ponds within 100 m of a road or a forest."),
    "How many ponds are near a road and a forest?": (0, "No ponds within 100 m of a road and a forest."),
    "How many ponds are near a road but not touching it?": PlanError,
    "How many ponds are north of a road that is south of the forest?": (
        3, "3 ponds north of a road south of the forest.",
    ),
    "How many ponds and forests are in this image?": (4, "4 ponds and forests."),
    "In this image, how many ponds, lakes and forests are there?": (4, "4 ponds, lakes and forests."),
    "How many ponds are near a road, a lake or a forest?": (3, "3 ponds within 100 m of a road or a lake or a forest."),
    "How many ponds are near a road, a pond and a forest?": (0, None),
    "How much area do forests cover, in hectares?": (11.75, "11.8 ha of forests."),
    "Between 2018 and 2021, how much forest was lost?": (1.0, "1 ha of forest lost."),
    "What is the number of ponds east of the forest?": (1, "1 pond east of the forest."),
    "How many lakes are there?": (0, "No lakes."),
    "How many ponds are there per km²?": (3.0, "3 ponds per km²."),
    "What is the density of ponds?": (3.0, "3 ponds per km²."),
    "Is there a lake within 100 m of a road?": (False, "There is no lake within 100 m of a road."),
    "Are there any ponds near a road?": (True, "There is a pond within 100 m of a road."),
    "Is the pond west of the forest?": (True, "There is a pond west of the forest."),
    "Does this image contain a lake?": (False, "There is no lake."),
    "Are there no lakes?": (True, "Yes: there is no lake."),
    "Are there no ponds?": (False, "No: there is a pond."),
    "Are all ponds within 1 km of a road?": (True, "Yes: all ponds are within 1 km of a road."),
    "Are all ponds near a road?": (False, "No: not all ponds are within 100 m of a road."),
    "Are all lakes near a road?": (None, "There is no answer: no lake was found."),
    "Are there more ponds than lakes?": (True, "Yes: there are more ponds than lakes."),
    "Are there more than three ponds?": (False, "No: there are not more than 3 ponds."),
    "Are there at least 3 ponds?": (True, "Yes: there are at least 3 ponds."),
    "Is there more water than sand?": (False, "No: there is not more water than sand."),
    "Is the number of ponds equal to the number of roads?": (
        False, "No: the number of ponds is not equal to the number of roads.",
    ),
    "How much area is covered by forest?": (11.75, "11.8 ha of forest."),
    "How many square metres of ponds are there?": (3000.0, "3,000 m² of ponds."),
    "What is the total area of the forest in km2?": (0.1175, "0.117 km² of forest."),
    "How much forest lies within 100 m of a pond?": (pytest.approx(5.1416, rel=0.01), None),
    "How much forest lies more than 100 m from a pond?": (pytest.approx(11.75 - 5.1416, rel=0.01), None),
    "How many acres of forest are there?": (pytest.approx(29.035, abs=1e-3), "29 acres of forest."),
    "What share of the view is forest?": (11.75, "11.8 % of the view is forest."),
    "What share of the view is forest, in percent?": (11.75, "11.8 % of the view is forest."),
    "How much of the image do forests cover?": (11.75, "11.8 % of the view is forests."),
    "What percentage of the ponds are within 100 m of a road?": (
        pytest.approx(200 / 3), "66.7 % of the ponds are within 100 m of a road.",
    ),
    "What share of the lakes are near a road?": (None, "There is no answer: no lake was found."),
    "What is the largest pond?": (2500.0, "The largest pond covers 2,500 m², around 475, 725 (EPSG:32618)."),
    "Which pond is the smallest?": (100.0, "The smallest pond covers 100 m², around 805, 65 (EPSG:32618)."),
    "What is the biggest pond outside the forest?": (400.0, None),
    "Which pond is nearest to the road?": (100.0, None),
    "Which is the largest lake?": (None, "There is no answer: no lake was found."),
    "How large is the largest pond?": (0.25, "0.25 ha covered by the largest pond."),
    "How far is the largest pond from the nearest road?": (
        650.0, "650 m between the largest pond and the nearest road.",
    ),
    "How far apart are the lakes and the road?": (None, "There is no answer: no lake was found."),
    "What is the distance in km between the forest and the road?": (0.55, None),
    "How many metres are there between a pond and the nearest road?": (10.0, None),
    "Which covers more area, forest or ponds?": ("forest", "Forest, the most of these by area."),
    "Which is smaller: the forest, the road or the ponds?": ("ponds", "Ponds, the least of these by area."),
    "How much forest was lost between 2018 and 2021?": (1.0, "1 ha of forest lost."),
    "Is it a rural or an urban area?": ("rural area", "Rural area by the view as a whole."),
    "How many forests were lost since 2018?": (2, "2 forests lost."),
    "How many square metres of forest were gained?": (100.0, "100 m² of forest gained."),
    "Has the forest grown between the two dates?": (False, "No: the area of forest is not larger than before."),
    "Was forest lost between the dates?": (True, "Yes: forest was lost."),
    "How has the forest changed since 2018?": (-0.99, "-0.99 ha net change of forest from before to after."),
}  # fmt: skip


@pytest.mark.parametrize("question", ANSWERS)
def test_a_question_comes_to_its_answer(question, request):
    world = request.getfixturevalue("given")
    world.things["sand"], world.things["water"] = [box(0, 0, 9, 9)], []
    lost = tuple(Region(box(x, 0, x + 50, 100), 0.7, "forest") for x in (0, 60))
    world.changes["forest"] = Change((Region(box(0, 500, 10, 510), 0.7, "forest"),), lost)
    if ANSWERS[question] is PlanError:
        with pytest.raises(PlanError, match="not understand"):
            plan_for(question)
        return
    value, text = ANSWERS[question]
    outcome = run_plan(plan_for(question), world)
    got = outcome.answer.value.geometry.area if isinstance(outcome.answer.value, Region) else outcome.answer.value
    assert got == (pytest.approx(value) if isinstance(value, float) else value)
    missing = tuple(name for name, regions in outcome.found.items() if not regions)
    assert text is None or sentence(outcome.answer, missing, world.crs) == text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many ponds sparkle?", "ponds sparkle"),
        ("How many ponds were there in 2018?", "2018"),
        ("Is the water clean?", "is the water clean"),
        ("How much forest is healthy?", "healthy"),
        ("Who owns the pond?", "who owns the pond"),
        ("Is it a rural area?", "it a rural area"),
        ("How many ponds are within 100 furlongs of a road?", "furlongs"),
        ("How far is the pond?", "how far is the pond"),
        ("Wie viele Teiche gibt es?", "wie viele teiche gibt es"),
        ("How many", "how many"),
        ("?!", "nothing"),
    ],
)
def test_what_is_not_understood_is_named_and_what_is_understood_is_told(question, words):
    with pytest.raises(PlanError) as caught:
        plan_for(question)
    assert words in caught.value.message and "how many" in caught.value.remedy


_SAID = (
    "how many much is are there the a of in on near within 100 m km road ponds pond forest largest not and or that "
    "which lost share between 2018 nearest to from more than all with without no area hectares cover covered by "
    "does do what where north touching , per km2 ¹ ٣ 1,000.5 \u2028 é"
)
_WORDS = _SAID.split(" ")


@settings(max_examples=400, deadline=None, derandomize=True)
@given(words=st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=4)), max_size=12))
def test_any_words_give_a_plan_that_runs_or_a_plain_error(words):
    try:
        plan = plan_for(" ".join(words))
    except PlanError as error:
        assert "does not understand" in str(error)
        return
    finder = Given({"pond": [box(0, 0, 5, 5)], "road": [box(50, 0, 55, 5)]})
    finder.compare = lambda text: Change((), ())
    assert run_plan(plan, finder).answer is not None


def test_a_noun_is_looked_for_once_and_names_are_readable():
    plan = plan_for("How many ponds are near a road and outside the forest that is near a road?")
    assert plan.count('find("road")') == 1
    assert plan.splitlines()[0] == 'ponds = find("pond")'
    assert parse(plan, FUNCTIONS)


@pytest.mark.parametrize("noun", ["before", "answer", "class", "in-between \\", "1st lot", "caf\xe9", "x" * 60, "find"])
def test_any_noun_gives_a_plan_that_can_be_read(noun):
    try:
        plan = plan_for(f"Is there a {noun} near a road?")
    except PlanError as error:
        assert "not understand" in str(error)
        return
    finder = Given({})
    assert run_plan(plan, finder).answer.value is False and "road" in finder.asked


@pytest.mark.parametrize(
    ("one", "many", "article"),
    [
        ("pond", "ponds", "a pond"), ("swimming pool", "swimming pools", "a swimming pool"),
        ("church", "churches", "a church"),
        ("body of water", "bodies of water", "a body of water"), ("orchard", "orchards", "an orchard"),
        ("bus", "buses", "a bus"), ("marsh", "marshes", "a marsh"), ("quarry", "quarries", "a quarry"),
        ("roof", "roofs", "a roof"), ("person", "people", "a person"), ("box", "boxes", "a box"),
        ("bay", "bays", "a bay"),
        ("house", "houses", "a house"), ("bridge", "bridges", "a bridge"), ("unit", "units", "a unit"),
        ("water", "water", "water"), ("bare soil", "bare soil", "bare soil"), ("grass", "grass", "grass"),
    ],
)  # fmt: skip
def test_nouns(one, many, article):
    assert nouns.plural(one) == many and nouns.singular(many) == one == nouns.singular(one)
    assert nouns.with_article(one) == article
