"""Bodies and query strings that are broken in ways that machines and people think of."""

from random import Random
from typing import Final

import orjson

_DOCUMENT: Final = (
    "query Q($id: ID!, $n: Int, $at: DateTime, $words: String) { client(id: $id) { id } clients(first: $n, search: $words) { totalCount } }"
)
#: Values of variables, as JSON.
VALUES: Final = (
    b"null",
    b"true",
    b"1",
    b"-0",
    b"1e400",
    b"-1e308",
    b"9" * 5000,
    b"2147483648",
    b"-2147483649",
    b"0.1",
    b"[]",
    b"{}",
    b'""',
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
    b'"\xc0\x80"',
    b'"' + b"x" * 20_000 + b'"',
    b"[" * 300 + b"]" * 300,
    b"[" * 100_000,
    b'"client_' + b"0" * 32 + b'"',
    b'"client_' + b"F" * 32 + b'"',
    b'"CLIENT_' + b"0" * 32 + b'"',
    b'"package_' + b"0" * 32 + b'"',
    b'"\' OR 1=1 --"',
    b'"%"',
    b'"_"',
    b'"*"',
    b'"\\\\"',
    '"\u202e\ufeff\U0001f469\u200d\U0001f680"'.encode(),
    b'"0001-01-01T00:00:00Z"',
    b'"9999-12-31T23:59:60Z"',
    b'"+292277026596-12-04T15:30:08Z"',
    b'"2026-02-30T00:00:00Z"',
    b'"2026-11-22T00:00:00+99:99"',
    b"NaN",
    b"Infinity",
)
#: Whole bodies.
BODIES: Final = (
    b"",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf{}",
    b"null",
    b"1",
    b'"x"',
    b"[]",
    b"[{}]",
    b"{",
    b"{}",
    b'{"query":null}',
    b'{"query":1}',
    b'{"query":"\\u0000"}',
    b'{"query":"{"}',
    b'{"query":"\xff"}',
    b'{"query":"\\ud800"}',
    b'{"query":""}',
    b'{"query":"#"}',
    b'{"query":"{__typename}","query":2}',
    b'{"query":"{__typename}","variables":[1]}',
    b'{"query":"{__typename}","variables":"{}"}',
    b'{"query":"{__typename}","extensions":[]}',
    b'{"query":"{__typename}","operationName":""}',
    b'{"query":"{__typename}","operationName":"\\u0000"}',
    b'{"query":"{__typename}","operationName":{}}',
    b'{"query":"query A{__typename} query A{__typename}"}',
    b'{"query":"fragment F on Query{...F} {...F}"}',
    b'{"query":"subscription{x}"}',
    b'{"query":"{__typename @skip(if:$x)}"}',
    b'{"query":"query($x:Nope){__typename}"}',
    b'{"query":"type X{y:Int}"}',
    b'{"query":"{viewer}"}',
    b'{"query":"{__typename}"}' + b" " * 300_000,
    b'{"query":"' + b"{a" * 5000 + b'"}',
    b"[" * 200_000,
    b'{"a":' * 50_000,
    orjson.dumps({"query": "{" + " ".join(f"a{n}: __typename" for n in range(3000)) + "}"}),
    orjson.dumps({"query": '{ node(id: """' + "x" * 50_000 + '""") { id } }'}),
    orjson.dumps({"query": "{ clients(first: " + "9" * 5000 + ") { totalCount } }"}),
    orjson.dumps({"query": "{ clients(first: 1e400) { totalCount } }"}),
    orjson.dumps({"query": '{ node(id: "\\u0000\\uD83D") { id } }'}),
    orjson.dumps({"query": '{ node(id: "\\u{10FFFF}\\u{0}") { id } }'}),
)
#: Query strings.
STRINGS: Final = (
    b"",
    b"query",
    b"query=",
    b"query=%00",
    b"query=%ff",
    b"query=%7B__typename%7D&variables=%ff",
    b"query=%7B__typename%7D&variables=1e999",
    b"query=%7B__typename%7D&query=x",
    b"query=%7B__typename%7D&operationName=%ff",
    b"query=%7B__typename%7D&variables=" + b"%5B" * 20_000,
    b"%7B",
    b"&&&",
    b"query=mutation%7BsignOut%7B__typename%7D%7D",
    b"query=%7B__typename%7D&extensions=1",
)


def bodies(random: Random, count: int) -> list[bytes]:
    """So many bodies: the known ones, values in places of others, and good ones with bytes changed."""
    made = [*BODIES]
    while len(made) < count:
        values = b",".join(b'"%s":%s' % (name, random.choice(VALUES)) for name in (b"id", b"n", b"at", b"words"))
        body = b'{"query":%s,"variables":{%s}}' % (orjson.dumps(_DOCUMENT), values)
        if random.random() < 0.3:
            spot = random.randrange(len(body))
            body = body[:spot] + random.randbytes(random.randint(0, 3)) + body[spot + random.randint(0, 3) :]
        made.append(body)
    return random.sample(made, count)
