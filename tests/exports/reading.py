"""Reading an export as the gateway does, without its HTTP."""

from datetime import UTC, datetime

from resolvers.desk import Desk
from resolvers.exports import Export, open_export
from resolvers.viewers import viewer_of
from server.app import build_engine
from server.exports import Reading
from tests.access.site import Site


async def reading(site: Site, path: str) -> Reading:
    """The file of a link, opened and not yet read."""
    now = datetime.now(UTC)
    desk = Desk(database=site.database, now=now, request_id=None, secrets=(site.secret,))
    export = await open_export(desk, path.rpartition("/")[2])
    assert isinstance(export, Export)
    engine = build_engine(site.database.dialect, site.secret)
    return Reading(engine, site.database, export, viewer_of(export.reader, site.database.dialect, now), now)
