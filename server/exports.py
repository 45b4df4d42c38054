"""`GET /exports/<token>`: an export of a client or of a report, made page by page while it is sent, and kept nowhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gql.exports import FORMAT, PERSON, SECTIONS, VERSION, Item, Section
from lifecycle.problems import ProblemCode
from planner.engine import Engine
from planner.errors import NotLiveError
from planner.ids import global_id
from planner.statements import JSON_OPTIONS, Viewer
from resolvers.viewers import viewer_of
from server.logs import notes_of, request_id_of
from storage.database import Database
from storage.errors import Unavailable
from storage.later import later

if TYPE_CHECKING:
    from resolvers.exports import Export

CHUNK_BYTES: Final = 64 * 1024
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_CLOSED: Final = {"code": ProblemCode.LINK_INVALID.value, "message": "This link does not open anything (any more): ask for a new one."}
_LONG: Final = {"code": ProblemCode.EXPORT_TOO_LONG.value, "message": "The report has grown: ask for a shorter period or another format."}
_LATER: Final = {"code": "UNAVAILABLE", "message": "The database cannot be reached at the moment: try again in a few seconds."}


def export_routes(database: Database, engine: Engine, secrets: tuple[bytes, ...]) -> list[Route]:
    """Route of the links that `clientExport` and `reportExport` make."""

    async def fetch(request: Request) -> Response:
        await later("resolvers.exports")
        from resolvers.desk import Desk  # noqa: PLC0415 - the tables are loaded by the first write, not by the start
        from resolvers.exports import Export, open_export  # noqa: PLC0415

        now = datetime.now(UTC)
        desk = Desk(database=database, now=now, request_id=request_id_of(request.scope), secrets=secrets)
        try:
            export = await open_export(desk, request.path_params["token"])
            if export is None:
                return _refused(request, 404, _CLOSED)
            if isinstance(export, Export):
                reading = Reading(engine, database, export, viewer_of(export.reader, database.dialect, now), now)
                return _sent(reading.file(), f"client-{export.number}.json", "application/json")
            await later("server.reports.files")
            from server.reports.files import file_of  # noqa: PLC0415 - few ask for one

            file = await file_of(database, export)
            return _refused(request, 409, _LONG) if file is None else _sent(file.parts, file.name, file.media_type)
        except NotLiveError:  # the link closed between two looks
            return _refused(request, 404, _CLOSED)
        except Unavailable:
            return _refused(request, 503, _LATER)

    return [Route("/exports/{token}", fetch, methods=["GET"])]


def _sent(parts: AsyncIterator[bytes], name: str, media_type: str) -> Response:
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts, media_type=media_type, headers=headers)


def _refused(request: Request, status: int, body: dict[str, str]) -> Response:
    notes_of(request.scope).codes.append(body["code"])
    return JSONResponse(body, status, headers=_HEADERS)


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=JSON_OPTIONS)


@dataclass(frozen=True, slots=True)
class Reading:
    """One making of a file. Every page is read as whoever made the link, behind the gate: once the link closes, the file breaks off.

    No connection is held while the receiver takes what was read, and no more than a page is held at a time.
    """

    engine: Engine
    database: Database
    export: "Export"
    viewer: Viewer
    now: datetime
    withheld: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def person(self) -> str:
        return global_id("client", self.export.client)

    async def file(self) -> AsyncIterator[bytes]:
        """The file, in chunks that are worth sending."""
        held = bytearray()
        async for part in self._parts():
            held += part
            if len(held) >= CHUNK_BYTES:
                yield bytes(held)
                held.clear()
        yield bytes(held)

    async def _parts(self) -> AsyncIterator[bytes]:
        known = await self._read(PERSON, "", id=self.person)
        if known["client"] is None:
            raise NotLiveError
        head = {"format": FORMAT, "version": VERSION, "exportedAt": self.now, "by": self.export.reader.kind.value}
        yield _json({**head, "workspace": known["viewer"]["workspace"], "client": known["client"]})[:-1]
        for section in SECTIONS:
            async for part in self._list(section, self.person, section.name):
                yield part
        yield b',"withheld":' + _json(list(self.withheld.values())) + b"}\n"

    async def _list(self, section: Section, owner: str, where: str) -> AsyncIterator[bytes]:
        """Member of the object that is being written: the name of the list, and all of it."""
        yield b"," + _json(section.name) + b":["
        after, first = None, True
        while True:
            page = await self._page(section, owner, where, after)
            for item in page["nodes"]:
                shaped = item if section.shape is None else section.shape(item, self.person)
                if shaped is not None:
                    async for part in self._item(section, shaped, where, first=first):
                        yield part
                    first = False
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        yield b"]"

    async def _item(self, section: Section, item: Item, where: str, *, first: bool) -> AsyncIterator[bytes]:
        text = (b"" if first else b",") + _json(item)
        if not section.lists:
            yield text
            return
        yield text[:-1]
        for below in section.lists:
            async for part in self._list(below, item["id"], f"{where}.{below.name}"):
                yield part
        yield b"}"

    async def _page(self, section: Section, owner: str, where: str, after: str | None) -> Item:
        data = await self._read(section.document, where, id=owner, after=after)
        if data["owner"] is None and owner == self.person:  # whoever made the link does not see them any more
            raise NotLiveError
        page = (data["owner"] or {}).get("list")
        empty: Item = {"nodes": [], "pageInfo": {"hasNextPage": False}}
        return empty if page is None else page

    async def _read(self, document: str, where: str, **variables: Any) -> Item:
        """Answer without what is withheld from the reader, which is noted once for each field."""
        prepared = self.engine.prepare(document)
        operation = self.engine.operation(prepared, None)
        given = self.engine.variables(prepared, operation, variables)
        answer = await self.engine.run(prepared, operation, given, self.viewer, self.database.read)
        for note in answer.withheld:
            *path, name = note["path"]
            holder: Any = answer.data
            for step in path:
                holder = holder[step]
            holder.pop(name, None)
            inner = [str(step) for step in note["path"] if isinstance(step, str) and step not in {"owner", "list", "nodes"}]
            named = ".".join([*([where] if where else []), *inner])
            self.withheld[named] = {"field": named, "code": note["code"], "because": note["because"]}
        return answer.data
