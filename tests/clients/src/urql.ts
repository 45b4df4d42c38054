/** urql with its default exchanges: queries go by GET, mutations by POST. */

import { cacheExchange, Client, fetchExchange } from '@urql/core'
import { Clients, SetNotes, Who } from './documents'
import { headers, tell, url } from './gateway'

const methods: string[] = []
const client = new Client({
  url,
  exchanges: [cacheExchange, fetchExchange],
  fetchOptions: { headers },
  fetch: (input, init) => {
    methods.push(init?.method ?? 'GET')
    return fetch(input, init)
  },
})

const who = await client.query(Who, {})
const before = await client.query(Clients, { first: 2, status: ['ACTIVE'] })
const again = await client.query(Clients, { first: 2, status: ['ACTIVE'] })
const first = before.data?.clients.edges[0]?.node
if (!first) throw new Error('no client')
const changed = await client.mutation(SetNotes, { id: first.id, notes: 'by urql', version: first.version })
const stale = await client.mutation(SetNotes, { id: first.id, notes: 'too late', version: first.version })
const after = await client.query(Clients, { first: 2, status: ['ACTIVE'] })
const refused = await client.query(Clients, { first: 101 })

tell({
  role: who.data?.viewer.member?.role,
  count: before.data?.clients.edges.length,
  cached: again.data === before.data,
  notes: changed.data?.clientUpdate.client?.notes,
  problems: stale.data?.clientUpdate.problems.map((problem) => problem.code),
  reread: after.data?.clients.edges[0]?.node.notes,
  refused: refused.error?.graphQLErrors.map((error) => error.extensions.code),
  methods,
})
