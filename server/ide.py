"""GraphiQL 5 at /graphiql, from our own origin, without internet.

`graphiql/dist` is the committed bundle (`npm ci && npm run build` in `graphiql/` makes it). Its assets are kept gzipped only; the
rare client that does not accept gzip gets them decompressed.
"""

import gzip
import re
from html import escape
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

DIST = Path(__file__).parent / "graphiql" / "dist"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".ttf": "font/ttf"}
SECURITY_HEADERS = {
    # Monaco lays out its lines with <style> elements, hence 'unsafe-inline' for styles.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def ide_routes(endpoint: str = "/graphql", demo_path: str = "/demo") -> list[Route]:
    """Routes of the page and of its assets.

    The page queries `endpoint` and offers the people of `<demo_path>/people`; with an empty `demo_path` it does not ask for any.
    """
    page = (DIST / "index.html").read_text()
    for attribute, path in (("data-endpoint", endpoint), ("data-demo", demo_path)):
        page = _set_attribute(page, attribute, path)
    response_headers = SECURITY_HEADERS | {"Cache-Control": "no-cache"}
    assets = {path.name.removesuffix(".gz"): path for path in (DIST / "assets").iterdir()}

    async def show(_: Request) -> Response:
        return HTMLResponse(page, headers=response_headers)

    def asset(request: Request) -> Response:
        # Only names that are in the listing are served, so a path cannot lead out of it.
        path = assets.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return _asset_response(path, gzipped=accepts_gzip(request.headers.get("accept-encoding", "")))

    return [Route("/graphiql", show), Route("/graphiql/assets/{name}", asset)]


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the `Accept-Encoding` header of a request admits gzip."""
    for item in accept_encoding.lower().replace(" ", "").split(","):
        coding, _, quality = item.partition(";q=")
        if coding == "gzip":
            return quality.strip("0.") != "" or not quality
    return False


def _asset_response(path: Path, *, gzipped: bool) -> Response:
    """An asset, which never changes: its name carries a hash of its content."""
    headers = SECURITY_HEADERS | {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    media_type = MEDIA_TYPES[Path(path.stem).suffix]
    if gzipped:
        return FileResponse(path, headers=headers | {"Content-Encoding": "gzip"}, media_type=media_type)
    return Response(gzip.decompress(path.read_bytes()), headers=headers, media_type=media_type)


def _set_attribute(page: str, attribute: str, value: str) -> str:
    changed, count = re.subn(f'(?<= {attribute}=")[^"]*', lambda _: escape(value), page)
    if count != 1:
        raise ValueError(f"{DIST / 'index.html'} needs one attribute {attribute}")
    return changed
