"""What the time of an answer tells: absent and forbidden clients, and usernames nobody has: `python -m bench.silence --help`.

Every round asks once for each kind, in an order drawn anew. Of each kind the differences to the kind beside it in the same round have a
median. The noise is the largest median that they have in 2,000 draws of their signs, as if it were chance which of the two was longer.
One kind is asked for twice in each round: its difference to itself is noise, whatever the machine does.
"""

import argparse
import asyncio
import random
import socket
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from bench import report
from bench.data import Dataset, _rows, arguments, prepare
from bench.servers import Server, contender
from bench.wire import HOST, post

ABSENT, AGAIN = "never existed", "never existed, again"
DRAWS: Final = 2000
WARM: Final = 50
#: Headers that differ from one request to the next, whatever is asked for.
VARYING: Final = (b"date:", b"ratelimit", b"x-request-id:")
ASKED: Final = {
    "node": "query ($id: ID!) { node(id: $id) { __typename id } }",
    "client": "query ($id: ID!) { client(id: $id) { id name status dataState coach { name } } }",
    "preview": "query ($id: ID!) { clientMarkHotLeadPreview(id: $id) { token before after blockers { code message path } } }",
}
SIGN_IN: Final = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken problems { code message path } } }"
OTHER_WORKSPACE: Final = "SELECT id FROM client WHERE workspace_id <> '{}' AND data_state = 'PRESENT' ORDER BY number LIMIT 1"
OF_COACH: Final = (
    "SELECT c.id FROM client c JOIN member m ON m.workspace_id = c.workspace_id AND m.id = c.coach_id JOIN account a ON a.id = m.account_id"
    " WHERE c.workspace_id = '{}' AND a.username = 'coach' AND c.data_state = '{}' ORDER BY c.number DESC LIMIT 1"
)

Kinds = dict[str, Callable[[], bytes]]


class Wire:
    """One kept-alive connection, asked and answered without anything between."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), 30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[float, bytes]:
        """Microseconds to the last byte of the answer, and the answer without what differs every time."""
        began = time.perf_counter()
        self._socket.sendall(request)
        got, end, length = b"", -1, 0
        while end < 0 or len(got) < end + 4 + length:
            piece = self._socket.recv(65536)
            if not piece:
                raise ConnectionError("closed in the middle of an answer")
            got += piece
            if end < 0 and (end := got.find(b"\r\n\r\n")) >= 0:
                length = int(got[:end].lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        took = (time.perf_counter() - began) * 1e6
        head = [line for line in got[:end].split(b"\r\n") if not line.lower().startswith(VARYING)]
        return took, b"\r\n".join(head) + got[end:]

    def close(self) -> None:
        self._socket.close()


def noise(differences: Sequence[float], draw: random.Random) -> float:
    """Largest median of the differences, by size, when their signs are drawn."""
    sizes = [abs(one) for one in differences]
    return max(abs(statistics.median([one if draw.getrandbits(1) else -one for one in sizes])) for _ in range(DRAWS))


def compare(title: str, felt: dict[str, list[float]], beside: str) -> tuple[list[list[str]], bool]:
    """Rows of a table, and whether every difference is within the noise."""
    rows, silent, draw = [], True, random.Random(1)
    base = statistics.median(felt[beside])
    rows.append([f"{title}: {beside}", f"{base:.0f}", "1.000", "", "", ""])
    for kind, values in felt.items():
        if kind != beside:
            differences = [mine - theirs for mine, theirs in zip(values, felt[beside], strict=True)]
            median, least = statistics.median(differences), noise(differences, draw)
            told = abs(median) > least
            silent &= not told
            figures = [f"{statistics.median(values):.0f}", f"{(base + median) / base:.3f}", f"{median:+.1f}", f"{least:.1f}"]
            rows.append([f"{title}: {kind}", *figures, "TELLS" if told else "nothing"])
    return rows, silent


def interleave(kinds: Kinds, rounds: int, wire: Wire, then: bytes | None = None) -> tuple[dict[str, list[float]], ...]:
    """Microseconds of each kind and, where one is given, of the request right after it; raises ValueError where answers differ."""
    felt: dict[str, list[float]] = {kind: [] for kind in kinds}
    after: dict[str, list[float]] = {kind: [] for kind in kinds}
    order, draw, expected = list(kinds), random.Random(2), b""
    for number in range(-WARM if then is None else -2, rounds):
        draw.shuffle(order)
        for kind in order:
            took, answer = wire.ask(kinds[kind]())
            next_took = 0.0 if then is None else wire.ask(then)[0]
            expected = expected or answer
            if answer != expected:
                raise ValueError(f"answers differ: {kind}\n{answer!r}\n{expected!r}")
            if number >= 0:
                felt[kind].append(took)
                after[kind].append(next_took)
    return felt, after


async def ids(data: Dataset) -> dict[str, str]:
    """Ids by what they are of; the caller is the other coach of the workspace, or one of its clients."""
    workspace = data.workspace.hex if data.engine == "sqlite" else str(data.workspace)
    statements = {
        "another workspace": OTHER_WORKSPACE.format(workspace),
        "another coach's": OF_COACH.format(workspace, "PRESENT"),
        "erased": OF_COACH.format(workspace, "ERASED"),
    }
    found = {kind: UUID(str((await _rows(data.engine, data.url, text))[0][0])) for kind, text in statements.items()}
    never = uuid7()
    return {kind: f"client_{key.hex}" for kind, key in {ABSENT: never, AGAIN: never, **found}.items()}


def clients(server: Server, rounds: int) -> tuple[list[list[str]], bool]:
    keys, silent = asyncio.run(ids(server.data)), True
    rows: list[list[str]] = []
    for username in ("coach2", "active-client"):
        token = server.token(username)
        wire = Wire(server.port)
        for name, query in ASKED.items():
            requests = {kind: post(server.port, {"query": query, "variables": {"id": key}}, token) for kind, key in keys.items()}
            kinds: Kinds = {kind: (lambda request=request: request) for kind, request in requests.items()}  # type: ignore[misc]
            felt, _ = interleave(kinds, rounds, wire)
            more, good = compare(f"{name} by {username}", felt, ABSENT)
            rows, silent = rows + more, silent and good
        wire.close()
    return rows, silent


def sign_ins(server: Server, rounds: int) -> tuple[list[list[str]], bool]:
    """Each try comes from an address of its own, so that none is one too many."""
    tries = iter(range(1 << 24))

    def sent(username: str) -> Callable[[], bytes]:
        body: dict[str, object] = {"query": SIGN_IN, "variables": {"input": {"username": username, "password": "wrong-password"}}}

        def request() -> bytes:
            number = next(tries)
            address = f"X-Forwarded-For: 10.{number >> 16 & 255:03d}.{number >> 8 & 255:03d}.{number & 255:03d}"
            return post(server.port, body, None).replace(b"\r\n\r\n", f"\r\n{address}\r\n\r\n".encode(), 1)

        return request

    kinds = {"nobody's": sent("zeros"), "nobody's, again": sent("zeros"), "somebody's": sent("coach")}
    wire = Wire(server.port)
    felt, after = interleave(kinds, rounds, wire, post(server.port, {"query": "{ __typename }"}, None))
    wire.close()
    rows, silent = compare("sign-in", felt, "nobody's")
    more, good = compare("request after it", after, "nobody's")
    return rows + more, silent and good


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.silence", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=1000, help="of the demo data")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--sign-ins", type=int, default=1000, help="rounds of sign-ins, each of three passwords")
    options = parser.parse_args()
    data = prepare(options.engine, options.clients)
    with Server(contender("portico", options.engine), data, {"PORTICO_TRUSTED_PROXIES": HOST}) as server:
        rows, silent = clients(server, options.rounds)
        more, good = sign_ins(server, options.sign_ins)
    head = ["asked for", "median, µs", "ratio", "difference, µs", "noise, µs", "tells"]
    print(report.table(head, rows + more))
    print(f"\n{report.machine()}. {options.engine}, {options.rounds:,} rounds, {options.sign_ins:,} of sign-ins.")
    sys.exit(0 if silent and good else 1)


if __name__ == "__main__":
    main()
