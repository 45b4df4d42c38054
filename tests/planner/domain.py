"""A tiny domain that the planner knows nothing of: libraries with shelves, books and films, on a scratch database of either engine."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

import asyncpg
import orjson
from graphql import GraphQLSchema, build_schema

from planner import bundle
from planner.dialect import Dialect
from planner.engine import Answer, Engine
from planner.instants import microseconds
from planner.reference import Reference
from planner.source import (
    DATE,
    FLAG,
    ID,
    INT,
    JSON,
    TIME,
    AnyNode,
    AnyNodes,
    Branch,
    Denial,
    Derived,
    Embedded,
    Expr,
    Filter,
    First,
    Guard,
    Here,
    Many,
    One,
    Order,
    Poly,
    Source,
    Sources,
    Values,
    column,
)
from planner.statements import JSON_OPTIONS, Gate, Viewer

_CONNECTION = """
type {0}Connection {{ edges: [{0}Edge!]! nodes: [{0}!]! pageInfo: PageInfo! totalCount: Int! }}
type {0}Edge {{ cursor: String! node: {0}! }}
"""
_PAGE = "first: Int, after: String, last: Int, before: String"
SDL = (
    """
scalar Instant
scalar Day
scalar Json
interface Node { id: ID! }
interface Item { id: ID! title: String! addedAt: Instant! }
union Medium = Book | Film
enum Direction { ASC DESC }
enum LibraryWord { NAME OPENED FOUNDED SECRET }
enum BookWord { ADDED TITLE PAGES }
enum ItemKind { BOOK FILM }
input LibraryOrder { field: LibraryWord!, direction: Direction! = ASC }
input BookOrder { field: BookWord!, direction: Direction! = ASC }
input LibraryFilter { names: [String!], open: Boolean, secret: String, deleted: Boolean }
input ItemFilter { kinds: [ItemKind!] }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Query {
  me: Me!
  library(id: ID!): Library
  libraries(<PAGE>, filter: LibraryFilter, orderBy: LibraryOrder, search: String): LibraryConnection!
  books(<PAGE>, orderBy: BookOrder): BookConnection!
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  medium(id: ID!): Medium
}
type Me { home: Library }
type City implements Node { id: ID! name: String! mayor: Person }
type Person implements Node { id: ID! name: String! }
type Address { street: String! number: Int }
type Library implements Node {
  id: ID! name: String! open: Boolean! openedAt: Instant! founded: Day settings: Json
  label: String! size: Int! secret: String motto: String
  address: Address city: City tags: [String!]!
  newest: Book
  shelves(<PAGE>): ShelfConnection!
  items(<PAGE>, filter: ItemFilter): ItemConnection!
  evenings(<PAGE>): EveningConnection!
}
type Evening { id: ID! pages: Int! book: Book! film: Film }
type Shelf implements Node { id: ID! code: String! library: Library! books(<PAGE>, orderBy: BookOrder): BookConnection! }
type Book implements Node & Item {
  id: ID! title: String! addedAt: Instant! pages: Int! price: Int shelf: Shelf!
}
type Film implements Node & Item { id: ID! title: String! addedAt: Instant! minutes: Int! }
""".replace("<PAGE>", _PAGE)
    + "".join(_CONNECTION.format(name) for name in ("Library", "Shelf", "Book", "Item", "Evening"))
)

_TABLES = """
CREATE TABLE city (id uuid PRIMARY KEY, house int, name text, mayor_id uuid);
CREATE TABLE person (id uuid PRIMARY KEY, house int, name text);
CREATE TABLE library (id uuid PRIMARY KEY, house int, name text, open boolean, opened_at timestamptz, founded date, settings text,
  secret text, motto text, street text, number int, city_id uuid, status text, deleted boolean);
CREATE TABLE library_tag (library_id uuid, tag text);
CREATE TABLE shelf (id uuid PRIMARY KEY, house int, code text, library_id uuid);
CREATE TABLE book (id uuid PRIMARY KEY, house int, title text, added_at timestamptz, pages int, price int, shelf_id uuid, library_id uuid);
CREATE TABLE film (id uuid PRIMARY KEY, house int, title text, added_at timestamptz, minutes int, library_id uuid);
CREATE TABLE pass (id uuid PRIMARY KEY, grade text, valid boolean);
"""


def key(table: str, number: int) -> str:
    """Key of a row: the table's first letter and a number, as 32 hexadecimal digits."""
    return f"{ord(table[0]):02x}{number:030x}"


def gid(tag: str, number: int) -> str:
    return f"{tag}_{key(tag, number)}"


SCOPE = "{t}.house = :house"


def _words(value: Any, dialect: Dialect, bind: Callable[[object], str]) -> str:
    return dialect.among("{t}.name", bind(dialect.array(value)))


def _shut(guard_key: tuple[object, ...], field: str) -> Denial | None:
    if field == "motto":
        return Denial("NEVER", "A motto is for friends.")
    return Denial("SHUT", "The library is shut.") if guard_key == ("SHUT",) and field in ("secret", "city", "shelves", "newest") else None


def _poor(guard_key: tuple[object, ...], field: str) -> Denial | None:
    return Denial("POOR", "Prices are for gold.") if guard_key == ("TIN",) and field == "price" else None


def _library_guard(viewer: Any) -> Guard | None:
    if viewer != "guest":
        return None
    return Guard(("{t}.status",), [("OPEN",), ("SHUT",)], _shut, lambda field: field not in ("secret", "motto"))


def _book_guard(viewer: Any) -> Guard | None:
    return Guard((), [("GOLD",), ("TIN",)], _poor, lambda field: field != "price") if viewer == "guest" else None


_ITEMS = {
    "Book": Branch("{t}.added_at", "{t}.library_id = {key}"),
    "Film": Branch("{t}.added_at", "{t}.library_id = {key}"),
}

#: Each book of a library beside each film of it: rows that no table has.
_EVENINGS = (
    "(SELECT b.house AS house, b.library_id AS library_id, b.pages AS pages, b.id AS book_id, f.id AS film_id,"
    " replace(CAST(b.id AS text) || '.' || CAST(f.id AS text), '-', '') AS id"
    " FROM book b JOIN film f ON f.house = b.house AND f.library_id = b.library_id WHERE b.house = :house)"
)

FIELDS: dict[str, Any] = {
    "id": column("id", ID),
    "name": column("name"),
    "open": column("open", FLAG),
    "openedAt": column("opened_at", TIME),
    "founded": column("founded", DATE),
    "settings": column("settings", JSON),
    "label": Derived(lambda name, number: f"{name} ({number})", (column("name"), column("number", INT))),
    "size": Expr("(SELECT count(*) FROM book b WHERE b.house = :house AND b.library_id = {t}.id)", INT),
    "secret": column("secret"),
    "motto": column("motto"),
    "address": Embedded({"street": column("street"), "number": column("number", INT)}),
    "city": One("City", "{t}.city_id"),
    "tags": Values("SELECT g.tag AS value FROM library_tag g WHERE g.library_id = {key}"),
    "newest": First("Book", "{t}.library_id = {key}", "ADDED", descending=True),
    "shelves": Many("Shelf", "{t}.library_id = {key}", order="CODE"),
    "items": Poly(_ITEMS, {"BOOK": "Book", "FILM": "Film"}),
    "evenings": Many("Evening", "{t}.library_id = {key}", order="EVENING_PAGES"),
}
ORDERS = {
    "NAME": Order("{t}.name"),
    "OPENED": Order("{t}.opened_at", TIME),
    "FOUNDED": Order("{t}.founded", DATE),
    "SECRET": Order("{t}.secret", reads=("secret",)),
}
FILTERS = {
    "names": Filter(_words),
    "open": Filter(lambda value, _dialect, _bind: "{t}.open = TRUE" if value else "{t}.open = FALSE"),
    "secret": Filter(lambda value, _dialect, bind: f"{{t}}.secret = :{bind(value)}", ("secret",)),
    "deleted": Filter(lambda value, _dialect, _bind: f"{{t}}.deleted = {str(value).upper()}", absent="{t}.deleted = FALSE"),
}
SEARCH = Filter(lambda value, _dialect, bind: f"lower({{t}}.name) LIKE :{bind(value.lower() + '%')}", ("name",))
LIBRARY = Source(
    "Library",
    FIELDS,
    table="library",
    tag="library",
    scope=SCOPE,
    visible=lambda viewer: "{t}.status <> 'HIDDEN'" if viewer == "guest" else "",
    guard=_library_guard,
    orders=ORDERS,
    filters=FILTERS,
    search=SEARCH,
)
BOOK_ORDERS = {"ADDED": Order("{t}.added_at", TIME), "TITLE": Order("{t}.title"), "PAGES": Order("{t}.pages", INT)}
ROOT: dict[str, Any] = {
    "me": Here("Me"),
    "library": One("Library", argument="id"),
    "libraries": Many("Library", order="NAME"),
    "books": Many("Book", order="ADDED", descending=True),
    "node": AnyNode(),
    "nodes": AnyNodes(),
    "medium": AnyNode(),
}
ALL = [
    Source("Query", ROOT),
    Source("Me", {"home": One("Library", on="{t}.id = :home")}),
    LIBRARY,
    Source(
        "City",
        {"id": column("id", ID), "name": column("name"), "mayor": One("Person", "{t}.mayor_id")},
        table="city",
        tag="city",
        scope=SCOPE,
    ),
    Source("Person", {"id": column("id", ID), "name": column("name")}, table="person", tag="person", scope=SCOPE),
    Source(
        "Shelf",
        {
            "id": column("id", ID),
            "code": column("code"),
            "library": One("Library", "{t}.library_id"),
            "books": Many("Book", "{t}.shelf_id = {key}", order="ADDED"),
        },
        table="shelf",
        tag="shelf",
        scope=SCOPE,
        orders={"CODE": Order("{t}.code")},
    ),
    Source(
        "Book",
        {
            "id": column("id", ID),
            "title": column("title"),
            "addedAt": column("added_at", TIME),
            "pages": column("pages", INT),
            "price": column("price", INT),
            "shelf": One("Shelf", "{t}.shelf_id"),
        },
        table="book",
        tag="book",
        scope=SCOPE,
        guard=_book_guard,
        orders=BOOK_ORDERS,
    ),
    Source(
        "Film",
        {"id": column("id", ID), "title": column("title"), "addedAt": column("added_at", TIME), "minutes": column("minutes", INT)},
        table="film",
        tag="film",
        scope=SCOPE,
        orders={"ADDED": Order("{t}.added_at", TIME)},
    ),
    Source(
        "Evening",
        {"id": column("id"), "pages": column("pages", INT), "book": One("Book", "{t}.book_id"), "film": One("Film", "{t}.film_id")},
        table=_EVENINGS,
        scope=SCOPE,
        orders={"EVENING_PAGES": Order("{t}.pages", INT)},
    ),
]
SCHEMA: GraphQLSchema = build_schema(SDL)
GATE = Gate("SELECT p.grade AS g0 FROM pass p WHERE p.id = :pass AND p.valid = TRUE", 1)

_DAY = "2026-03-01T10:00:00+00:00"
_LATER = "2026-03-02T10:00:00.250000+00:00"


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Seven libraries, of which 1 to 6 are in house 1; ties in every order column."""
    names = {1: "Alder", 2: "Birch", 3: "Birch", 4: "Cedar", 5: "Elm", 6: "Fir", 7: "Alder"}
    status = {4: "SHUT", 5: "HIDDEN"}
    return {
        "person": [(key("person", 1), 1, "Mira")],
        "city": [(key("city", 1), 1, "Oslo", key("person", 1)), (key("city", 2), 1, "Rome", None), (key("city", 3), 2, "Lima", None)],
        "library": [
            (
                key("library", n),
                2 if n == 7 else 1,
                name,
                n % 2 == 1,
                _LATER if n in (2, 5) else _DAY,
                f"19{50 + n // 2}-01-02",
                '{"quiet": true}' if n == 1 else None,
                f"secret {n}",
                f"motto {n}",
                None if n == 3 else "Main Street",
                n,
                None if n == 2 else key("city", 3 if n == 6 else 1 + (n > 3)),
                status.get(n, "OPEN"),
                n == 6,
            )
            for n, name in names.items()
        ],
        "library_tag": [(key("library", 1), "old"), (key("library", 1), "big"), (key("library", 4), "new")],
        "shelf": [(key("shelf", n), 1, f"S{n % 3}", key("library", 1 if n < 5 else 4)) for n in range(1, 7)],
        "book": [
            (
                key("book", n),
                1,
                f"Book {n % 4}",
                _DAY if n % 3 else _LATER,
                100 + n % 2,
                n,
                key("shelf", 1 + n % 2),
                key("library", 1 if n < 9 else 4),
            )
            for n in range(1, 11)
        ],
        "film": [(key("film", n), 1, f"Film {n}", _DAY if n % 2 else _LATER, 90, key("library", 1)) for n in range(1, 6)],
        "pass": [(key("pass", 1), "TIN", True), (key("pass", 2), "GOLD", True), (key("pass", 3), "GOLD", False)],
    }


class Scratch:
    """Connection to the scratch database, as the planner asks for one. It counts, and lets a test act between two statements."""

    dialect: str

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.snapshots = 0
        self.between: dict[int, Callable[[], Any]] = {}

    async def fetch(self, sql: str, args: Sequence[object]) -> Sequence[Any]:
        self.statements.append(sql)
        if act := self.between.pop(len(self.statements), None):
            await act()
        return await self._fetch(sql, args)

    async def _fetch(self, sql: str, args: Sequence[object]) -> Sequence[Any]:
        raise NotImplementedError

    async def run(self, sql: str) -> None:
        """Change something behind the planner's back."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        self.snapshots += 1
        yield

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["Scratch"]:
        yield self


class SqliteScratch(Scratch):
    dialect = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self._connection = sqlite3.connect(":memory:")
        self._connection.executescript(re.sub("timestamptz|uuid|boolean|date|int", "", _TABLES))
        for table, found in rows().items():
            for row in found:
                stored = [self._stored(value) for value in row]
                self._connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", stored)

    @staticmethod
    def _stored(value: Any) -> Any:
        if isinstance(value, str) and value.endswith("+00:00"):
            return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M:%S.%f")
        return int(value) if isinstance(value, bool) else value

    async def _fetch(self, sql: str, args: Sequence[object]) -> Sequence[Any]:
        return self._connection.execute(sql, args).fetchall()

    async def run(self, sql: str) -> None:
        self._connection.execute(sql)

    async def close(self) -> None:
        self._connection.close()


class PostgresScratch(Scratch):
    dialect = "postgresql"

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        super().__init__()
        self._connection = connection

    @classmethod
    async def open(cls, url: str) -> "PostgresScratch":
        connection = await asyncpg.connect(url)
        await connection.set_type_codec("uuid", schema="pg_catalog", format="binary", encoder=bytes.fromhex, decoder=bytes.hex)
        await connection.set_builtin_type_codec("timestamptz", schema="pg_catalog", codec_name="int8")
        await connection.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {_TABLES}")
        for table, found in rows().items():
            for row in found:
                values = ", ".join(f"${i + 1}" for i in range(len(row)))
                await connection.execute(f"INSERT INTO {table} VALUES ({values})", *(cls._stored(value) for value in row))
        return cls(connection)

    @staticmethod
    def _stored(value: Any) -> Any:
        if isinstance(value, str) and value.endswith("+00:00"):
            return microseconds(datetime.fromisoformat(value))
        return date.fromisoformat(value) if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value

    async def _fetch(self, sql: str, args: Sequence[object]) -> Sequence[Any]:
        return await self._connection.fetch(sql, *(microseconds(value) if isinstance(value, datetime) else value for value in args))

    async def run(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def close(self) -> None:
        await self._connection.close()


class World:
    """The domain on one engine, ready to be asked."""

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch
        self.engine = Engine(SCHEMA, Sources(ALL), dialect=scratch.dialect, secret=b"tiny")
        self.reference = Reference(self.engine)

    @property
    def together(self) -> bool:
        """Whether the levels of a plan are read by one statement."""
        return bundle.MOST_LEVELS > 1

    def viewer(self, name: str = "friend", *, house: int = 1, card: int | None = None, home: int = 1) -> Viewer:
        parameters = {"house": house, "home": key("library", home), "pass": key("pass", card or 1)}
        return Viewer(name, parameters, None if card is None else GATE)

    async def plan(self, query: str, variables: Mapping[str, Any] | None = None, viewer: Viewer | None = None) -> Answer:
        """Answer of the planner alone."""
        prepared = self.engine.prepare(query)
        assert not prepared.errors, prepared.errors
        operation = self.engine.operation(prepared, None)
        assert self.engine.plannable(prepared, operation)
        self.scratch.statements.clear()
        values = self.engine.variables(prepared, operation, variables or {})
        answer = await self.engine.run(prepared, operation, values, viewer or self.viewer(), self.scratch.connect)
        return Answer(orjson.loads(orjson.dumps(answer.data, option=JSON_OPTIONS)), answer.withheld)

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, viewer: Viewer | None = None) -> Any:
        """Data of the answer, which the slow reading has confirmed; the statements counted are the planner's."""
        return (await self.whole(query, variables, viewer)).data

    async def whole(self, query: str, variables: Mapping[str, Any] | None = None, viewer: Viewer | None = None) -> Answer:
        answer = await self.plan(query, variables, viewer)
        statements = list(self.scratch.statements)
        document = self.engine.prepare(query).document
        assert document is not None
        slow = await self.reference.run(document, None, variables or {}, viewer or self.viewer(), self.scratch.connect)
        assert answer.data == orjson.loads(orjson.dumps(slow.data, option=JSON_OPTIONS))
        assert sorted(map(str, answer.withheld)) == sorted(map(str, slow.withheld))
        self.scratch.statements[:] = statements
        return answer
