"""The floor on SQLite: Starlette, aiosqlite, and one hand-written statement per operation that builds the whole JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import aiosqlite
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.contenders.environment import DATABASE_URL, POOL_SIZE, WORKSPACE_ID
from bench.contenders.pool import Pool

POINT = """
SELECT json_object('data', json_object('client', (
  SELECT json_object(
    'id', c.id, 'number', c.number, 'name', c.name, 'email', c.email, 'status', c.status,
    'createdAt', replace(c.created_at, ' ', 'T') || 'Z', 'coach', json_object('name', m.name))
  FROM client c JOIN member m ON m.workspace_id = c.workspace_id AND m.id = c.coach_id
  WHERE c.workspace_id = :workspace AND c.id = :id)))
"""

LIST = """
SELECT json_object('data', json_object('clients', json_group_array(json(item)))) FROM (
  SELECT json_object(
    'id', c.id, 'number', c.number, 'name', c.name, 'email', c.email, 'phone', c.phone, 'status', c.status,
    'createdAt', replace(c.created_at, ' ', 'T') || 'Z',
    'coach', json_object('id', m.id, 'name', m.name),
    'enrollments', (SELECT json_group_array(json(item)) FROM (
      SELECT json_object('state', e.state, 'enrolledAt', replace(e.enrolled_at, ' ', 'T') || 'Z',
                         'package', json_object('id', p.id, 'name', p.name)) AS item
      FROM enrollment e JOIN package p ON p.workspace_id = e.workspace_id AND p.id = e.package_id
      WHERE e.workspace_id = :workspace AND e.client_id = c.id AND e.state <> 'DELETED'
      ORDER BY e.enrolled_at DESC, e.id DESC LIMIT 3)),
    'appointments', (SELECT json_group_array(json(item)) FROM (
      SELECT json_object('startsAt', replace(a.starts_at, ' ', 'T') || 'Z', 'plannedMinutes', a.planned_minutes, 'state', a.state) AS item
      FROM appointment a
      WHERE a.workspace_id = :workspace AND a.client_id = c.id AND a.state <> 'REMOVED'
      ORDER BY a.starts_at DESC, a.id DESC LIMIT 3))) AS item
  FROM client c JOIN member m ON m.workspace_id = c.workspace_id AND m.id = c.coach_id
  WHERE c.workspace_id = :workspace AND c.status = 'ACTIVE' AND c.data_state NOT IN ('CONTACT_DELETED', 'ERASED')
  ORDER BY c.sort_name, c.id LIMIT 50)
"""

DEEP = """
SELECT json_object('data', json_object('packages', json_group_array(json(item)))) FROM (
  SELECT json_object('id', p.id, 'name', p.name, 'enrollments', (SELECT json_group_array(json(item)) FROM (
    SELECT json_object('id', e.id, 'state', e.state, 'enrolledAt', replace(e.enrolled_at, ' ', 'T') || 'Z', 'client', json_object(
      'id', c.id, 'name', c.name, 'status', c.status, 'coach', json_object('name', m.name),
      'appointments', (SELECT json_group_array(json(item)) FROM (
        SELECT json_object('id', a.id, 'startsAt', replace(a.starts_at, ' ', 'T') || 'Z', 'plannedMinutes', a.planned_minutes,
                           'state', a.state, 'type', json_object('name', t.name)) AS item
        FROM appointment a JOIN appointment_type t ON t.workspace_id = a.workspace_id AND t.id = a.type_id
        WHERE a.workspace_id = :workspace AND a.client_id = c.id AND a.state <> 'REMOVED'
        ORDER BY a.starts_at DESC, a.id DESC LIMIT 5)))) AS item
    FROM enrollment e
    JOIN client c ON c.workspace_id = e.workspace_id AND c.id = e.client_id
    JOIN member m ON m.workspace_id = c.workspace_id AND m.id = c.coach_id
    WHERE e.workspace_id = :workspace AND e.package_id = p.id AND e.state <> 'DELETED'
    ORDER BY e.enrolled_at, e.id LIMIT 10))) AS item
  FROM package p WHERE p.workspace_id = :workspace ORDER BY p.name, p.id LIMIT 10)
"""

STATEMENTS = {"Point": POINT, "List": LIST, "Deep": DEEP}

pool = Pool[aiosqlite.Connection]()


async def connect() -> aiosqlite.Connection:
    connection = await aiosqlite.connect(f"file:{DATABASE_URL.removeprefix('sqlite:///')}?mode=ro", uri=True, isolation_level=None)
    await connection.execute_fetchall("PRAGMA cache_size = -4000")
    return connection


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    await pool.fill(POOL_SIZE, connect)
    yield
    await pool.drain(aiosqlite.Connection.close)


async def answer(request: Request) -> Response:
    body = orjson.loads(await request.body())
    name = body["operationName"]
    parameters = {"workspace": WORKSPACE_ID.hex}
    if name == "Point":
        parameters["id"] = UUID(body["variables"]["id"]).hex
    async with pool.connection() as connection:
        [(text,)] = await connection.execute_fetchall(STATEMENTS[name], parameters)
    return Response(text.encode(), media_type="application/json")


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
