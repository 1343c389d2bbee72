"""Plans written by a chat endpoint: it is sent the question and the API's text, nothing of the imagery."""

from __future__ import annotations

import json
import re

from ...errors import PlanError
from ..progress import CancelToken
from .chat import chat
from .functions import FUNCTIONS, api_text
from .requests import Endpoint
from .syntax import MAX_CHARACTERS, SCENES, parse

EXAMPLE = """ponds = find("pond")
roads = find("road")
close = near(ponds, roads, 100)
answer(count(close), unit="ponds", about="within 100 m of a road")"""


def instructions(*, dated: bool) -> str:
    """Return what the endpoint is told of its task: the language, the API, and an example."""
    dates = "There are two dates, before and after." if dated else "There is one date: compare cannot be used."
    return f"""You turn a question about a satellite or aerial image into a short plan. You do not see the image.
A plan is a small subset of Python: assignments, if/elif/else, for over a list or regions, comprehensions, numbers,
texts, lists, arithmetic, comparisons, and/or/not, and calls of these functions. There is nothing else: no imports, no
attributes or methods, no f-strings, no def, no while, no other functions. Lengths are metres, areas square metres.
{dates}

{api_text()}

Example. Question: How many ponds lie within 100 m of a road?
{EXAMPLE}

Give names to intermediate results; end with answer(…). Reply with JSON: {{"plan": "…"}}."""


class Talk:
    """A talk with an endpoint about one question: a plan, and one round to repair it.

    Args:
        endpoint: Who writes.
        question: What was asked.
        dated: Whether there are two dates.
        offline: See `chat.chat`.
        cancel: Looked at while it waits.
    """

    def __init__(self, endpoint: Endpoint, question: str, *, dated: bool, offline: bool, cancel: CancelToken) -> None:
        self._endpoint, self._offline, self._cancel, self._dated = endpoint, offline, cancel, dated
        self._messages = [
            {"role": "system", "content": instructions(dated=dated)},
            {"role": "user", "content": question},
        ]
        self._repaired = False

    def plan(self) -> str:
        """Return a plan in the plan language.

        Raises:
            EndpointError: See `chat.chat`; or there is no plan in the reply.
            PlanError: The plan breaks the language, and so does the repaired one.
        """
        reply = self._ask()
        try:
            return self._checked(reply)
        except PlanError as error:
            return self.mended(reply, error)

    def mended(self, plan: str, error: PlanError) -> str:
        """Return the plan that the endpoint makes of the error of its last one.

        Raises:
            PlanError: That was done before: the error itself; or the new plan breaks the language.
            EndpointError: See `chat.chat`.
        """
        if self._repaired:
            raise error
        self._repaired = True
        fault = f'That plan fails: {error}\nReply with the corrected plan as JSON: {{"plan": "…"}}.'
        self._messages += [{"role": "assistant", "content": plan}, {"role": "user", "content": fault}]
        return self._checked(self._ask())

    def _ask(self) -> str:
        return chat(self._endpoint, self._messages, offline=self._offline, cancel=self._cancel)

    def _checked(self, reply: str) -> str:
        plan = plan_in(reply)
        if plan is None:
            raise PlanError(f"the endpoint answered without a plan: “{' '.join(reply.split())[:80]}”")
        parse(plan, FUNCTIONS)
        if not self._dated and _names_a_date(plan):
            raise PlanError("the plan compares two dates, and there is only one raster", remedy="Give the earlier one.")
        return plan


def plan_in(reply: str) -> str | None:
    """Return the plan in a model's reply: in JSON as it was asked for, in a fenced block, or the reply itself."""
    text = re.sub(r"<think>.*?</think>", "", reply, flags=re.DOTALL).strip()
    fenced = re.search(r"```[a-zA-Z]*\s*\n(.*?)```", text, re.DOTALL)
    for candidate in filter(None, (text, fenced and fenced.group(1), text[text.find("{") : text.rfind("}") + 1])):
        try:
            data = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        plan = data.get("plan") if isinstance(data, dict) else None
        if isinstance(plan, str) and plan.strip():
            return plan.strip() + "\n"
    plain = fenced.group(1) if fenced else text
    return plain.strip() + "\n" if "answer(" in plain and len(plain) <= MAX_CHARACTERS else None


def _names_a_date(plan: str) -> bool:
    return "compare(" in plan and any(re.search(rf"\b{name}\b", plan) for name in SCENES)
