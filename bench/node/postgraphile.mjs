// PostGraphile 5 as its documentation advises for production: the amber preset, grafserv on Node's own server, no GraphiQL, no watch, no explain.
import { createServer } from 'node:http'
import { grafserv } from 'postgraphile/grafserv/node'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { jsonPgSmartTags } from 'postgraphile/utils'
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter'

const { BENCH_DATABASE_URL, BENCH_PORT, BENCH_POOL_SIZE } = process.env

// The root types of GraphQL own the name Subscription; two columns without an index of their own are filtered beside one that has it.
const filterable = { tags: { behavior: ['+attribute:filterBy'] } }
const tags = {
  version: 1,
  config: {
    class: { subscription: { tags: { name: 'payment_subscription' } } },
    attribute: { 'client.data_state': filterable, 'appointment.state': filterable },
  },
}

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  plugins: [jsonPgSmartTags(tags)],
  pgServices: [
    makePgService({
      connectionString: BENCH_DATABASE_URL,
      schemas: ['public'],
      poolConfig: {
        max: Number(BENCH_POOL_SIZE),
        min: Number(BENCH_POOL_SIZE),
        idleTimeoutMillis: 0,
      },
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
  grafast: { explain: false },
})

const server = createServer()
await instance.createServ(grafserv).addTo(server)
server.listen(Number(BENCH_PORT), '127.0.0.1')
