"""The Starlette application: one address for GraphQL, GraphiQL beside it, health for whoever watches."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route

from gql.schema import GRAPHQL
from planner.engine import Engine
from resolvers import audit
from resolvers.api_keys import ApiKeys
from resolvers.sources import SOURCES
from server.auth import Authenticator
from server.demo import demo_routes
from server.endpoint import GraphQLEndpoint
from server.health import health_routes
from server.ide import ide_routes
from server.limits import MAX_TOKENS, RULES
from server.logs import RequestLog
from server.oidc import IdentityProvider
from server.settings import Settings
from storage.database import Database


def build_engine(dialect: str, secret: bytes) -> Engine:
    """Planner over the whole schema."""
    return Engine(GRAPHQL, SOURCES, dialect=dialect, secret=secret, rules=RULES, max_tokens=MAX_TOKENS)


def create_app(settings: Settings) -> Starlette:
    """Application with these settings; it opens the database when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = await Database.open(settings.database_url.get_secret_value(), readers=settings.database_readers)
        app.router.routes[:] = _routes(settings, database)
        _spare_the_collector()
        try:
            yield
        finally:
            await audit.settle()
            await database.close()

    return Starlette(middleware=_middleware(settings), lifespan=lifespan)


def _spare_the_collector() -> None:
    """What stands now stays, so it need not be looked through again; an answer's own objects die by themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _routes(settings: Settings, database: Database) -> list[BaseRoute]:
    tokens = settings.token_codec()
    graphql = GraphQLEndpoint(
        engine=build_engine(database.dialect, settings.secret_keys[0].get_secret_value().encode()),
        database=database,
        authenticator=Authenticator(tokens, ApiKeys(database), IdentityProvider.of(settings, database)),
        tokens=tokens,
        timeout=settings.request_timeout_seconds,
        introspection=settings.serves_graphiql,
    )
    routes: list[BaseRoute] = [Route("/graphql", graphql), *health_routes(database)]
    if settings.offers_demo_sign_in:
        routes += demo_routes(database, tokens)
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
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type", "portico-reason", "portico-workspace", "x-request-id"],
                expose_headers=["x-request-id"],
            )
        )
    return middleware
