"""GraphQL over HTTP to the letter: every audit of its reference implementation, obligations and recommendations alike."""

import json
from collections import Counter

from tests.clients.conftest import Run


async def test_every_audit_of_graphql_over_http_is_ok(run: Run) -> None:
    results = json.loads(await run("node", "audit.mjs"))

    assert [result for result in results if result["status"] != "ok"] == []
    assert Counter(result["name"].split()[0] for result in results) == {"MUST": 13, "SHOULD": 23, "MAY": 25}
