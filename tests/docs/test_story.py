"""The story of docs/story.md happens: every document in its order, and every answer that is shown."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from server.app import create_app
from server.settings import load_settings
from storage.database import Database
from tests.docs.conftest import TREE

STORY: Final = (TREE / "docs" / "story.md").read_text(encoding="utf-8")
BLOCK: Final = re.compile(r"^```graphql\n# (\w+)(?:, keeps (\w+): (\S+))?\n(.*?)^```(?:\n\n```json\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


def at(answer: Any, path: str) -> Any:
    """Value at a path of keys and places; `name=value` picks the first object with that member."""
    for step in path.split("."):
        name, equals, value = step.partition("=")
        if equals:
            answer = next(one for one in answer if one[name] == json.loads(value))
        else:
            answer = answer[int(step)] if step.isdigit() else answer[step]
    return answer


def holds(answer: Any, shown: Any) -> bool:
    """Whether an answer is what is shown of it."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(name in answer and holds(answer[name], value) for name, value in shown.items())
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) == len(shown) and all(map(holds, answer, shown))
    return bool(answer == shown)


def refused(answer: Any) -> list[Any]:
    """Problems and blockers anywhere in an answer."""
    if isinstance(answer, dict):
        mine = [problem for name in ("problems", "blockers") for problem in answer.get(name, ())]
        return mine + [problem for value in answer.values() for problem in refused(value)]
    return [problem for value in answer for problem in refused(value)] if isinstance(answer, list) else []


async def test_the_story_happens(own_demo: Database) -> None:
    app = create_app(load_settings(database_url=own_demo.url, environment="demo"))
    soon = (datetime.now(UTC) + timedelta(days=10)).replace(hour=3, minute=7, second=0, microsecond=0)
    kept: dict[str, Any] = {"soon": soon.isoformat()}
    blocks = BLOCK.findall(STORY)
    assert len(blocks) == STORY.count("```graphql")
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://portico") as http:
        staff = (await http.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]
        for who, name, path, document, shown in blocks:
            token = {"staff": staff, "client": kept.get("accessToken")}.get(who)
            headers = {"authorization": f"Bearer {token}"} if token else {}
            variables = {key: kept[key] for key in re.findall(r"\$(\w+):", document)}
            answer = (await http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)).json()
            assert "errors" not in answer, (document, answer)
            assert refused(answer["data"]) == [], (document, answer)
            if shown:
                assert holds(answer["data"], json.loads(shown)), (document, answer["data"])
            if name:
                kept[name] = at(answer["data"], path)
