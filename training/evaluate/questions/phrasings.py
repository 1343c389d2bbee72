"""How questions are put. The planner was written with the first set at hand, and measured on the second as it was."""

from __future__ import annotations

from dataclasses import dataclass

Texts = tuple[str, ...]
Measured = tuple[tuple[str, str], ...]
"""Phrasings with the unit of their answer."""


@dataclass(frozen=True)
class Phrasings:
    """Phrasings of each shape of question.

    In braces stand: many, one, a_one: a noun's forms; does, Does, Verb, Is, Has: what agrees with it; most:
    a list of nouns; a, b: two nouns, the first in the plural where things are counted; n: metres.
    """

    count: Texts
    exists: Texts
    area: Measured
    share: Texts
    widest: Texts
    widest_of_three: Texts
    biggest: Texts
    distance: Texts
    near_count: Texts
    near_any: Texts
    grew: Texts
    shrank: Texts
    lost: Measured
    gained: Measured


SHOWN = Phrasings(
    count=(
        "How many {many} are there?", "How many {many} are in the scene?", "How many {many} can you see?",
        "What is the number of {many}?", "How many {many} does the image show?", "Count the {many}.",
    ),
    exists=(
        "{Is} there {a_one}?", "{Is} there {a_one} in the image?", "{Is} {a_one} present?",
        "Does the scene contain {a_one}?", "Can you see {a_one}?", "{Verb} there any {many}?",
    ),
    area=(
        ("How much area {does} {many} cover?", "m2"), ("What is the total area of {many}?", "m2"),
        ("How many hectares of {many} are there?", "ha"), ("How many square metres of {many} are there?", "m2"),
        ("What area is covered by {many}, in hectares?", "ha"), ("How large is the area of {many}?", "m2"),
    ),
    share=(
        "What share of the view is {many}?", "What percentage of the scene is covered by {many}?",
        "What fraction of the image {does} {many} cover?", "How much of the scene is covered by {many}?",
        "What proportion of the area is {many}?", "What percent of the image is {many}?",
    ),
    widest=(
        "Which is larger in area, {most}?", "Which covers more area: {most}?", "What covers more of the scene, {most}?",
    ),
    widest_of_three=("Which covers the most area, {most}?", "Which has the largest area: {most}?"),
    biggest=(
        "How large is the largest {one}?", "What is the area of the largest {one}?", "How big is the biggest {one}?",
        "How many square metres does the largest {one} cover?",
    ),
    distance=(
        "How far is the nearest {b} from the {a}?", "How far is it from the {a} to the nearest {b}?",
        "What is the distance between the {a} and the nearest {b}?", "How far apart are the {a} and the nearest {b}?",
        "How close is the nearest {b} to the {a}?", "How many metres are there between the {a} and the nearest {b}?",
    ),
    near_count=(
        "How many {a} lie within {n} m of {b}?", "How many {a} are within {n} metres of {b}?",
        "How many {a} are closer than {n} m to {b}?", "How many {a} are no more than {n} metres from {b}?",
        "What is the number of {a} within {n} m of {b}?",
    ),
    near_any=(
        "Are there any {a} within {n} m of {b}?", "Is there {a_one} within {n} metres of {b}?",
        "Is {a_one} less than {n} m from {b}?", "Are any {a} closer than {n} metres to {b}?",
    ),
    grew=("Has the area of {many} grown between the two dates?", "Did the area of {many} increase?",
         "{Does} {many} cover more area than before?", "{Has} {many} expanded between the dates?"),
    shrank=("Has the area of {many} shrunk between the two dates?", "Did the area of {many} decrease?",
           "{Does} {many} cover less area than before?", "{Has} {many} declined between the dates?"),
    lost=(
        ("How much area of {many} was lost between the two dates?", "m2"),
        ("How many hectares of {many} were lost?", "ha"),
        ("How many square metres of {many} disappeared between the dates?", "m2"),
    ),
    gained=(
        ("How much area of {many} was gained between the two dates?", "m2"),
        ("How many hectares of {many} are new?", "ha"),
        ("How many square metres of {many} appeared between the dates?", "m2"),
    ),
)  # fmt: skip

HELD_OUT = Phrasings(
    count=(
        "How many {many} can be seen here?", "What number of {many} does the area have?",
        "Tell me how many {many} there are.", "How many separate {many} does the view hold?",
    ),
    exists=("Do you see {a_one}?", "Does this area have {a_one}?", "{Is} {a_one} visible?"),
    area=(
        ("What is the extent of {many} in hectares?", "ha"), ("How many m2 of {many} are there?", "m2"),
        ("How much land is covered by {many}?", "m2"), ("How many square kilometres {does} {many} cover?", "km2"),
    ),
    share=(
        "What part of the image is {many}?", "How many percent of the view {does} {many} cover?",
        "What is the share of {many} in the scene?", "What percentage is {many}?",
    ),
    widest=("Which takes up more space, {most}?", "Is more of the view {most}?"),
    widest_of_three=("Of {most}, which takes up the most area?", "What is the largest in area, {most}?"),
    biggest=(
        "What is the size of the largest {one}?", "What area does the biggest {one} have?",
        "How many m2 is the largest {one}?",
    ),
    distance=(
        "How many metres is the nearest {b} away from the {a}?",
        "What distance lies between the {a} and the closest {b}?", "How near is the closest {b} to the {a}?",
    ),
    near_count=(
        "How many {a} have {b} within {n} m?", "Count the {a} at most {n} m from {b}.",
        "How many {a} are less than {n} m away from {b}?",
    ),
    near_any=("Do any {a} lie within {n} m of {b}?", "Is there any {one} closer than {n} m to {b}?"),
    grew=("{Has} {many} increased in area between the dates?", "Has the extent of {many} grown?",
          "Did {many} grow between the two dates?"),
    shrank=("{Has} {many} decreased in area between the dates?", "Has the extent of {many} shrunk?",
            "Did {many} shrink between the two dates?"),
    lost=(
        ("What area of {many} has gone between the dates?", "m2"),
        ("How many hectares of {many} have been lost?", "ha"),
    ),
    gained=(
        ("What area of {many} has been added between the dates?", "m2"),
        ("How many hectares of {many} were gained?", "ha"),
    ),
)  # fmt: skip
