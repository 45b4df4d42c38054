"""The Starlette application: one address for GraphQL, GraphiQL beside it, health for whoever watches."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from gql.contract import CONTRACT
from planner.engine import Engine
from resolvers import tries
from resolvers.afterwards import settle
from resolvers.api_keys import ApiKeys
from resolvers.sources import SOURCES
from resolvers.tries import Tries
from resolvers.viewers import CLASSES
from server.addresses import Addresses
from server.auth import Authenticator
from server.budget import WINDOW, Budget, Spending
from server.cookies import Browsers
from server.documents import BadDocumentsError, Documents, read_documents
from server.endpoint import GraphQLEndpoint
from server.exports import export_routes
from server.health import health_routes
from server.ide import ide_routes
from server.limits import MAX_FIELDS, MAX_TOKENS, WEIGHTS, Limits
from server.logs import RequestLog
from server.oidc import IdentityProvider
from server.reading import Reading
from server.rest import loading, spare_the_collector
from server.settings import Environment, Settings
from server.workers import working
from storage.counters import Counter, counter
from storage.database import Database

#: After so long a thread that reads a long document gives way to the requests.
SWITCH_SECONDS: Final = 0.0005


def build_engine(dialect: str, secret: bytes) -> Engine:
    """Planner over the whole schema."""
    return Engine(
        CONTRACT,
        SOURCES,
        dialect=dialect,
        secret=secret,
        limits=Limits(CONTRACT),
        weights=WEIGHTS,
        max_tokens=MAX_TOKENS,
        max_fields=MAX_FIELDS,
    )


class Gateway(Starlette):
    """Starlette application whose GraphQL address is reached without the router: it has its own errors and its own answers."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(middleware=_middleware(settings), lifespan=self._serving)
        self._settings = settings
        self._graphql: ASGIApp | None = None

    @asynccontextmanager
    async def _serving(self, _: Starlette) -> AsyncIterator[None]:
        settings = self._settings
        store = None if settings.valkey_url is None else settings.valkey_url.get_secret_value()
        counters = counter(store, "cost", WINDOW), counter(store, "tries", tries.WINDOW)
        database = await Database.open(settings.database_url.get_secret_value(), readers=settings.database_readers)
        engine = build_engine(database.dialect, settings.secrets[0])
        reading = Reading(engine)
        try:
            endpoint = _endpoint(settings, database, engine, reading, counters)
            self._graphql = endpoint
            for part in reversed(_middleware(settings)):
                self._graphql = part.cls(self._graphql, *part.args, **part.kwargs)
            self.router.routes[:] = _routes(settings, database, engine)
            spare_the_collector()
            sys.setswitchinterval(SWITCH_SECONDS)
            at_once = settings.environment is Environment.DEVELOPMENT
            async with loading(reading, at_once=at_once), working(database, settings.secrets, clock=settings.clock):
                yield
        finally:
            await settle()
            await reading.close()
            await database.close()
            for one in counters:
                await one.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql" and self._graphql is not None:
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings) -> Gateway:
    """Application with these settings; it opens the database when it starts."""
    return Gateway(settings)


def _endpoint(
    settings: Settings, database: Database, engine: Engine, reading: Reading, counters: tuple[Counter, Counter]
) -> GraphQLEndpoint:
    tokens = settings.token_codec()
    costs, tried = counters
    budget = Budget(settings.cost_per_minute, costs) if settings.cost_per_minute else None
    return GraphQLEndpoint(
        engine=engine,
        database=database,
        authenticator=Authenticator(tokens, ApiKeys(database), IdentityProvider.of(settings, database)),
        tokens=tokens,
        secrets=settings.secrets,
        spending=Spending(settings.max_cost, budget, reading),
        tries=Tries(tried, settings.secrets[0]),
        documents=_documents(settings, engine),
        addresses=Addresses(settings.trusted_proxies),
        browsers=Browsers(settings.allowed_origins),
        timeout=settings.request_timeout_seconds,
        introspection=settings.serves_graphiql,
    )


def _documents(settings: Settings, engine: Engine) -> Documents:
    """Documents that may be named. Trusted ones are planned at the start, which finds those that are not valid."""
    trusted = {} if settings.documents_file is None else read_documents(settings.documents_file)
    for name, text in trusted.items():
        if errors := engine.pin(text, CLASSES):
            raise BadDocumentsError(f"document {name} of {settings.documents_file} is not valid: {errors[0].message}")
    return Documents(settings.documents, trusted)


def _routes(settings: Settings, database: Database, engine: Engine) -> list[BaseRoute]:
    routes: list[BaseRoute] = [*health_routes(database), *export_routes(database, engine, settings.secrets)]
    if settings.offers_demo_sign_in:
        from server.demo import demo_routes  # noqa: PLC0415 - production starts without the demo

        routes += demo_routes(database, settings.token_codec())
    if settings.serves_graphiql:
        routes += ide_routes(demo_path="/demo" if settings.offers_demo_sign_in else "")
    return routes


def _middleware(settings: Settings) -> list[Middleware]:
    middleware = [Middleware(RequestLog)]
    if settings.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.allowed_origins),
                allow_credentials="*" not in settings.allowed_origins,
                allow_methods=["GET", "POST"],
                allow_headers=[
                    "authorization",
                    "content-type",
                    "idempotency-key",
                    "portico-cost",
                    "portico-reason",
                    "portico-session",
                    "portico-workspace",
                    "x-request-id",
                ],
                expose_headers=["x-request-id", "ratelimit", "ratelimit-policy", "retry-after"],
            )
        )
    return middleware
