// Mercurius on Fastify: JIT from the second request on, prepared statements by name, small relations to one joined, a loader for every other one.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const { BENCH_DATABASE_URL, BENCH_PORT, BENCH_POOL_SIZE, BENCH_WORKSPACE_ID } = process.env

// A timestamp of PostgreSQL ("2026-01-31 09:30:00.25+00", in UTC) becomes ISO 8601 without a Date in between.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`)

const size = Number(BENCH_POOL_SIZE)
const pool = new pg.Pool({ connectionString: BENCH_DATABASE_URL, max: size, min: size, idleTimeoutMillis: 0 })

const schema = `
  scalar DateTime
  type Coach { id: ID! name: String! }
  type AppointmentType { name: String! }
  type Appointment { id: ID! startsAt: DateTime! plannedMinutes: Int! state: String! type: AppointmentType! }
  type Enrollment { id: ID! state: String! enrolledAt: DateTime! client: Client! package: Package! }
  type Package { id: ID! name: String! enrollments(first: Int!): [Enrollment!]! }
  type Client {
    id: ID! number: Int! name: String! email: String phone: String status: String! createdAt: DateTime!
    coach: Coach! enrollments(first: Int!): [Enrollment!]! appointments(first: Int!): [Appointment!]!
  }
  type Query { client(id: ID!): Client clients(first: Int!, status: String!): [Client!]! packages(first: Int!): [Package!]! }
`

const client = `
  SELECT c.id, c.number, c.name, c.email, c.phone, c.status, c.created_at AS "createdAt", m.id AS coach_id, m.name AS coach_name
  FROM client c JOIN member m ON m.workspace_id = c.workspace_id AND m.id = c.coach_id WHERE c.workspace_id = $1`
const reachable = "c.data_state NOT IN ('CONTACT_DELETED', 'ERASED')"
const packages = 'SELECT id, name FROM package WHERE workspace_id = $1 ORDER BY name, id LIMIT $2'
const firstOf = (table, parent, order, way, hidden) => `
  unnest($2::uuid[], $3::int[]) AS k(parent, first) CROSS JOIN LATERAL (
    SELECT * FROM ${table} WHERE workspace_id = $1 AND ${parent} = k.parent AND state <> '${hidden}'
    ORDER BY ${order} ${way}, id ${way} LIMIT k.first) x`
const enrollments = (parent, way) => `
  SELECT k.parent, x.id, x.state, x.enrolled_at AS "enrolledAt", x.client_id, p.id AS package_id, p.name AS package_name
  FROM ${firstOf('enrollment', parent, 'enrolled_at', way, 'DELETED')} JOIN package p ON p.workspace_id = $1 AND p.id = x.package_id
  ORDER BY k.parent, x.enrolled_at ${way}, x.id ${way}`
const appointments = `
  SELECT k.parent, x.id, x.starts_at AS "startsAt", x.planned_minutes AS "plannedMinutes", x.state, t.name AS type_name
  FROM ${firstOf('appointment', 'client_id', 'starts_at', 'DESC', 'REMOVED')} JOIN appointment_type t ON t.workspace_id = $1 AND t.id = x.type_id
  ORDER BY k.parent, x.starts_at DESC, x.id DESC`

function withCoach(row) {
  row.coach = { id: row.coach_id, name: row.coach_name }
  return row
}

function withPackage(row) {
  row.package = { id: row.package_id, name: row.package_name }
  return row
}

function withType(row) {
  row.type = { name: row.type_name }
  return row
}

async function rows(name, text, ...values) {
  return (await pool.query({ name, text, values: [BENCH_WORKSPACE_ID, ...values] })).rows
}

// Loaders without the cache of mercurius, whose keys cost more than they save: ids are made unique here.
const opts = { cache: false }

const one = (name, text, key, finish) => ({
  opts,
  async loader(queries) {
    const ids = [...new Set(queries.map(({ obj }) => obj[key]))]
    const found = new Map((await rows(name, text, ids)).map((row) => [row.id, finish(row)]))
    return queries.map(({ obj }) => found.get(obj[key]))
  },
})

const page = (name, text, finish) => ({
  opts,
  async loader(queries) {
    const firsts = new Map(queries.map(({ obj, params }) => [obj.id, params.first]))
    const pages = new Map([...firsts.keys()].map((parent) => [parent, []]))
    for (const row of await rows(name, text, [...firsts.keys()], [...firsts.values()])) pages.get(row.parent).push(finish(row))
    return queries.map(({ obj }) => pages.get(obj.id))
  },
})

const app = Fastify()
app.register(mercurius, {
  schema,
  jit: 1,
  resolvers: {
    Query: {
      client: async (_, { id }) => (await rows('client', `${client} AND c.id = $2`, id)).map(withCoach)[0],
      clients: async (_, { first, status }) =>
        (await rows('clients', `${client} AND c.status = $3 AND ${reachable} ORDER BY c.sort_name, c.id LIMIT $2`, first, status)).map(withCoach),
      packages: (_, { first }) => rows('packages', packages, first),
    },
  },
  loaders: {
    Client: {
      enrollments: page('enrollmentsOfClient', enrollments('client_id', 'DESC'), withPackage),
      appointments: page('appointments', appointments, withType),
    },
    Package: { enrollments: page('enrollmentsOfPackage', enrollments('package_id', 'ASC'), withPackage) },
    Enrollment: { client: one('clientById', `${client} AND c.id = ANY($2)`, 'client_id', withCoach) },
  },
})
await app.listen({ host: '127.0.0.1', port: Number(BENCH_PORT) })
