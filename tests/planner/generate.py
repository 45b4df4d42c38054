"""Valid operations over any schema of the planner's kind, drawn from a seed, with arguments that hit something."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)

from planner.source import Elsewhere, Many, One, Poly, Sources

Pair = tuple[str, str]
PAST = "2026-06-01T12:00:00Z"  # an instant at which much of the demo data stood
WORDS = ("a", "ma", "example", "+1", "jo", "san", "z")


class Word(str):
    """Enum value: a bare word in a document, a text among the variables."""

    __slots__ = ()


@dataclass
class Pool:
    """Values that hit: ids by tag, cursors by the order they are bound to, texts by the argument they suit."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    cursors: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, list[Any]] = field(default_factory=dict)
    day: datetime = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Operation:
    """Document with its variables."""

    text: str
    variables: Mapping[str, Any]


def _whole(type_: Any, name: str, arguments: str) -> str:
    """Field with all that is right below it."""
    definition: GraphQLField = type_.fields[name]
    named: Any = get_named_type(definition.type)
    if is_leaf_type(named):
        return name
    if "at" in definition.args:
        return f"{name}(at: {literal(PAST)}) {{ {_leaves(named)} {_links(named)} }}"
    page = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    if "edges" in named.fields:
        node: Any = get_named_type(get_named_type(named.fields["edges"].type).fields["node"].type)
        inner = _leaves(node) if "id" in node.fields else f"{_leaves(node)} {_links(node)}"
        return f"{name}{arguments} {{ edges {{ cursor node {{ {inner} }} }} nodes {{ __typename }} {page} totalCount }}"
    if name == "contentDiff":  # no node of its own
        return f"{name} {{ {' '.join(_whole(named, member, '(first: 2)') for member in named.fields)} }}"
    below = " ".join(f"{link} {{ {_leaves(get_named_type(named.fields[link].type))} }}" for link in named.fields if name == "viewer")
    return f"{name}{arguments if definition.args else ''} {{ {below or _leaves(named)} }}"


def _links(type_: Any) -> str:
    """What is right below the links of an object that no id leads to."""
    return " ".join(_whole(type_, link, "(first: 2)") for link, f in type_.fields.items() if is_composite_type(get_named_type(f.type)))


def _leaves(type_: Any) -> str:
    return " ".join(["__typename", *(name for name, f in type_.fields.items() if is_leaf_type(get_named_type(f.type)))])


def literal(value: Any) -> str:
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return json.dumps(value)


def planned(type_: Any, sources: Sources) -> dict[str, GraphQLField]:
    """Fields of a type that the planner answers."""
    origins = sources[type_.name].fields if type_.name in sources else {}
    return {name: field for name, field in type_.fields.items() if not isinstance(origins.get(name), Elsewhere)}


class Generator:
    """Draws operations; fields that were reached least often come first where `reached` is kept."""

    def __init__(self, schema: GraphQLSchema, sources: Sources, pool: Pool, *, budget: float = 90, depth: int = 5) -> None:
        self._schema = schema
        self._sources = sources
        self._pool = pool
        self._budget = budget
        self._depth = depth
        self.reached: Counter[Pair] = Counter()

    def sweep(self) -> list[Operation]:
        """Operations that ask for every field of every type once: of a few objects by their ids, and of the root."""
        query = self._schema.query_type
        assert query is not None
        operations = [
            Operation(f"{{ {_whole(query, name, self._first(name))} }}", {})
            for name in planned(query, self._sources)
            if name not in ("node", "nodes")
        ]
        for tag, ids in self._pool.ids.items():
            type_: Any = self._schema.type_map[self._sources.by_tag[tag].name]
            members = " ".join(_whole(type_, name, "(first: 2)") for name in type_.fields)
            operations.append(
                Operation(f"{{ nodes(ids: {literal(ids[:: max(1, len(ids) // 4)])}) {{ ... on {type_.name} {{ {members} }} }} }}", {})
            )
        return operations

    def _first(self, name: str) -> str:
        query = self._schema.query_type
        assert query is not None
        origin = self._sources[query.name].fields[name]
        if isinstance(origin, One) and origin.argument:
            return f"({origin.argument}: {literal(self._pool.ids[self._sources[origin.target].tag][0])})"
        return "(first: 3)"

    def operation(self, random: Random) -> Operation:
        return _Drawing(self, random).operation()


class _Drawing:
    """One operation being drawn. `_left` is how many values of fields its answer may still grow by."""

    def __init__(self, generator: Generator, random: Random) -> None:
        self._schema = generator._schema
        self._sources = generator._sources
        self._pool = generator._pool
        self._reached = generator.reached
        self._left = generator._budget
        self._depth = generator._depth
        self._random = random
        self._number = 0
        self._declared: list[str] = []
        self._variables: dict[str, Any] = {}
        self._fragments: dict[str, tuple[str, str]] = {}

    def operation(self) -> Operation:
        query = self._schema.query_type
        assert query is not None
        body = self._selections(query, self._depth, 1.0)
        head = f"query Drawn({', '.join(self._declared)})" if self._declared else self._random.choice(("query Drawn", ""))
        fragments = "".join(f"\nfragment {name} on {type_} {text}" for name, (type_, text) in self._fragments.items())
        return Operation(f"{head} {body}{fragments}", self._variables)

    # -- chance ----------------------------------------------------------------------------------------------------

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _next(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    # -- selections ------------------------------------------------------------------------------------------------

    def _selections(self, type_: Any, depth: int, times: float) -> str:
        """Selection set on an object that the answer will hold about `times` times."""
        if type_.name.endswith("Connection"):
            return self._connection(type_, depth, times)
        parts: list[str] = self._abstract(type_, depth, times) if is_abstract_type(type_) else self._members(type_, depth, times)
        if self._chance(0.15):
            parts.insert(self._random.randrange(len(parts) + 1), "__typename" if self._chance(0.7) else f"{self._next('t')}: __typename")
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _members(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int, times: float) -> list[str]:
        root = type_ is self._schema.query_type
        fields = planned(type_, self._sources)
        leaves = [name for name, f in fields.items() if is_leaf_type(get_named_type(f.type))]
        links = [] if depth <= 0 else [name for name, f in fields.items() if is_composite_type(get_named_type(f.type))]
        wanted = self._rarest(type_.name, leaves, self._random.randint(1, 5))
        wanted += self._rarest(type_.name, links, self._random.choice((1, 1, 2, 2, 3) if root else (0, 1, 1, 2)))
        self._random.shuffle(wanted)
        parts: list[str] = []
        for name in wanted:
            if self._left <= 0 and parts:
                break
            parts.append(self._decorated(type_, self._field(type_, name, depth, times), depth, times))
        return parts

    def _rarest(self, type_name: str, names: Sequence[str], count: int) -> list[str]:
        return sorted(names, key=lambda name: self._staleness(type_name, name) * self._random.random())[:count]

    def _staleness(self, type_name: str, name: str) -> float:
        """How often the field was reached, less where much behind it never was."""
        type_: Any = self._schema.type_map[type_name]
        behind: Any = get_named_type(type_.fields[name].type)
        return (1 + self._reached[type_name, name]) / (1 + self._unreached(behind))

    def _unreached(self, type_: Any) -> int:
        if is_abstract_type(type_):
            return sum(self._unreached(concrete) for concrete in self._schema.get_possible_types(type_)) // 4
        if not isinstance(type_, GraphQLObjectType):
            return 0
        mine = sum(not self._reached[type_.name, name] for name in type_.fields)
        if "edges" not in type_.fields:
            return mine
        edge: Any = get_named_type(type_.fields["edges"].type)
        return mine + self._unreached(edge) + self._unreached(get_named_type(edge.fields["node"].type))

    def _abstract(self, type_: Any, depth: int, times: float) -> list[str]:
        parts = self._members(type_, 0, times) if isinstance(type_, GraphQLInterfaceType) else ["__typename"]
        possible = list(self._schema.get_possible_types(type_))
        fresh = sorted(possible, key=lambda t: self._random.random() / (1 + self._unreached(t)))
        for concrete in fresh[: self._random.randint(1, 4)]:
            if self._chance(0.2):
                parts.append("..." + self._fragment(concrete, depth - 1, times / 2))
            else:
                parts.append(f"... on {concrete.name}{self._directive()} {self._selections(concrete, depth - 1, times / 2)}")
        wider = [
            name for name, t in self._schema.type_map.items() if isinstance(t, GraphQLInterfaceType) and name in ("Node", "Interaction")
        ]
        if self._chance(0.2) and wider:
            other: Any = self._schema.type_map[self._random.choice(wider)]
            parts.append(f"... on {other.name} {{ {' '.join(self._members(other, 0, times))} }}")
        return parts

    def _decorated(self, type_: Any, text: str, depth: int, times: float) -> str:
        """The field as it is, in an inline fragment, or in a named one."""
        draw = self._random.random()
        if draw < 0.06:
            return f"...{self._directive()} {{ {text} }}"
        if draw < 0.12:
            return f"... on {type_.name}{self._directive()} {{ {text} }}"
        if draw < 0.18:
            name = self._next("F")
            self._fragments[name] = (type_.name, f"{{ {text} }}")
            return f"...{name}{self._directive()}"
        if draw < 0.22 and isinstance(type_, GraphQLObjectType) and type_ is not self._schema.query_type:
            return f"{text} ...{self._fragment(type_, depth - 1, times)}"
        return text

    def _fragment(self, type_: GraphQLObjectType, depth: int, times: float) -> str:
        """Name of a fragment on the type: one that stands already, or a new one."""
        known = [name for name, (on, _) in self._fragments.items() if on == type_.name]
        if known and self._chance(0.4):
            return self._random.choice(known)
        text = self._selections(type_, max(depth, 0), times)
        name = self._next("F")
        self._fragments[name] = (type_.name, text)
        return name

    def _directive(self) -> str:
        if not self._chance(0.25):
            return ""
        words = self._random.sample(("skip", "include"), 2 if self._chance(0.2) else 1)
        return "".join(f" @{word}(if: {self._condition(word == 'include')})" for word in words)

    def _condition(self, likely: bool) -> str:
        value = likely if self._chance(0.8) else not likely
        if self._chance(0.4):
            return literal(value)
        name = self._next("v")
        if self._chance(0.3):
            self._declared.append(f"${name}: Boolean = {literal(value)}")
            if self._chance(0.3):
                self._variables[name] = not value
        else:
            self._declared.append(f"${name}: Boolean!")
            self._variables[name] = value
        return f"${name}"

    def _connection(self, type_: GraphQLObjectType, depth: int, times: float) -> str:
        edge: Any = get_named_type(type_.fields["edges"].type)
        node: Any = get_named_type(edge.fields["node"].type)
        parts: list[str] = []
        for _ in range(self._random.choice((1, 1, 2, 3))):
            words = ("nodes", "nodes", "edges", "edges", "pageInfo", "totalCount", "__typename")
            match min(words, key=lambda word: self._random.random() * (1 + (not self._reached[type_.name, word])) ** -2):
                case "nodes":
                    key = "nodes" if self._chance(0.8) else f"{self._next('a')}: nodes"
                    parts.append(f"{key}{self._directive()} {self._selections(node, depth - 1, times)}")
                case "edges":
                    inner = [f"node {self._selections(node, depth - 1, times)}"] if self._chance(0.8) else []
                    inner += self._random.sample(("cursor", "__typename", f"{self._next('a')}: cursor"), self._random.randint(0, 2))
                    parts.append(f"edges{self._directive()} {{ {' '.join(inner or ['cursor'])} }}")
                case "pageInfo":
                    asked = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor", "__typename", f"{self._next('a')}: endCursor")
                    parts.append(f"pageInfo {{ {' '.join(self._random.sample(asked, self._random.randint(1, 5)))} }}")
                case word:
                    parts.append(word)
        return "{ " + " ".join(parts) + " }"

    def _field(self, type_: Any, name: str, depth: int, times: float) -> str:
        definition: GraphQLField = type_.fields[name]
        named: Any = get_named_type(definition.type)
        self._left -= times
        if is_leaf_type(named):
            alias = f"{self._next('a')}: " if self._chance(0.15) else ""
            return f"{alias}{name}{self._directive() if self._chance(0.4) else ''}"
        arguments, size = self._arguments(type_.name, name, definition, depth)
        below = times * size
        if below > self._left:
            self._left = min(self._left, 6.0)
        alias = f"{self._next('a')}: " if arguments or self._chance(0.1) else ""
        head = f"{alias}{name}{arguments}{self._directive() if self._chance(0.3) else ''}"
        text = f"{head} {self._selections(named, depth - 1, below)}"
        if self._chance(0.08):  # asked twice, so that the two are merged
            text += f" {head} {self._selections(named, depth - 1, below)}"
        return text

    # -- arguments -------------------------------------------------------------------------------------------------

    def _arguments(self, type_name: str, name: str, definition: GraphQLField, depth: int) -> tuple[str, float]:
        """Arguments as text, and about how many objects they bring."""
        if "first" in definition.args:
            return self._page(type_name, name, definition, depth)
        if "at" in definition.args:
            at = self._pool.day - timedelta(days=self._random.randint(-3, 700), minutes=self._random.randint(0, 999))
            return self._written(definition, {"at": at.isoformat()}), 1.0
        given = {
            argument: self._ids() if isinstance(_bare(spec.type), GraphQLList) else self._id(type_name, name)
            for argument, spec in definition.args.items()
        }
        return self._written(definition, given), float(len(given.get("ids", (1,))))

    def _page(self, type_name: str, name: str, definition: GraphQLField, depth: int) -> tuple[str, float]:
        given: dict[str, Any] = {}
        root = type_name == getattr(self._schema.query_type, "name", "")
        origin = self._sources[type_name].fields[name]
        size = self._random.choice((0, 1, 2, 3, 4, 4, 6) if root else (0, 1, 2, 2, 2, 3, 3))
        if "filter" in definition.args and self._chance(0.35):
            given["filter"] = self._filter(definition.args["filter"])
        if "search" in definition.args and self._chance(0.2):
            given["search"] = self._random.choice(self._pool.texts.get("search", list(WORDS)))
        if "orderBy" in definition.args and self._chance(0.5):
            given["orderBy"] = self._order(definition.args["orderBy"])
        if self._chance(0.04) and (depth < 2 or not root):
            size = 25
        else:
            given[self._random.choice(("first", "first", "first", "last"))] = size
        known = self._pool.cursors.get(self._label(origin, given.get("orderBy")), [])
        bounds: tuple[tuple[str, ...], ...] = ((), (), (), (), ("after",), ("before",), ("after",), ("before",), ("after", "before"))
        for word in self._random.choice(bounds) if known else ():
            given[word] = self._random.choice(known)
        keys = list(given)
        self._random.shuffle(keys)
        return self._written(definition, {key: given[key] for key in keys}), float(min(size, 8))

    def _label(self, origin: Any, order: Any) -> str:
        """Order that a cursor for the list must be bound to."""
        if isinstance(origin, Poly):
            return "AT-" if origin.descending else "AT+"
        assert isinstance(origin, Many)
        default = origin.order or next(iter(self._sources[origin.target].orders))
        name = order["field"] if order else default
        descending = order.get("direction", "ASC") == "DESC" if order else origin.descending
        return f"{name}{'-' if descending else '+'}"

    def _order(self, argument: GraphQLArgument) -> dict[str, Any]:
        input_: Any = get_named_type(argument.type)
        words: Any = get_named_type(input_.fields["field"].type)
        order: dict[str, Any] = {"field": Word(self._random.choice(list(words.values)))}
        if self._chance(0.7):
            order["direction"] = Word(self._random.choice(("ASC", "DESC")))
        return order

    def _filter(self, argument: GraphQLArgument) -> dict[str, Any]:
        input_: Any = get_named_type(argument.type)
        names = self._random.sample(list(input_.fields), min(len(input_.fields), self._random.choice((0, 1, 1, 1, 2))))
        return {name: self._value(name, input_.fields[name].type) for name in names}

    def _value(self, name: str, type_: Any) -> Any:
        type_ = _bare(type_)
        if isinstance(type_, GraphQLList):
            return [self._value(name, type_.of_type) for _ in range(self._random.choice((0, 1, 1, 2, 3)))]
        if isinstance(type_, GraphQLEnumType):
            return Word(self._random.choice(list(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self._span()
        if type_.name == "Boolean":
            return self._chance(0.5)
        if type_.name == "ID":
            return self._random.choice(self._pool.ids.get({"coach": "member"}.get(name, name), ["client_" + 32 * "0"]))
        return self._random.choice(self._pool.texts.get(name, ["?"]))

    def _span(self) -> dict[str, Any]:
        a, b = sorted(self._random.randint(-500, 30) for _ in range(2))
        ends = {"from": a, "until": b + 1}
        return {
            word: (self._pool.day + timedelta(days=days, minutes=self._random.randint(0, 999))).isoformat()
            for word, days in ends.items()
            if self._chance(0.7)
        }

    def _id(self, type_name: str, name: str) -> str:
        origin = self._sources[type_name].fields[name]
        tag = self._sources[origin.target].tag if isinstance(origin, One) else ""
        if tag and self._chance(0.95):
            return self._random.choice(self._pool.ids.get(tag, [f"{tag}_{32 * '0'}"]))
        return self._random.choice(self._pool.ids[self._random.choice(list(self._pool.ids))])

    def _ids(self) -> list[str]:
        types = {tag: self._schema.type_map[self._sources.by_tag[tag].name] for tag in self._pool.ids}
        fresh = sorted(self._pool.ids, key=lambda tag: self._random.random() / (1 + self._unreached(types[tag])))
        ids = [self._random.choice(self._pool.ids[tag]) for tag in fresh[: self._random.randint(1, 4)]]
        return ids + self._random.choices(ids, k=self._random.randint(0, 2))

    def _written(self, definition: GraphQLField, given: Mapping[str, Any]) -> str:
        if not given:
            return ""
        parts = []
        for name, value in given.items():
            text = self._as_variable(definition.args[name], value) if self._chance(0.4) else literal(value)
            parts.append(f"{name}: {text}")
        return f"({', '.join(parts)})"

    def _as_variable(self, argument: GraphQLArgument, value: Any) -> str:
        name = self._next("v")
        if self._chance(0.25) and not isinstance(argument.type, GraphQLNonNull):
            self._declared.append(f"${name}: {argument.type} = {literal(value)}")
        else:
            self._declared.append(f"${name}: {argument.type}")
            self._variables[name] = value
        return f"${name}"


def _bare(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
