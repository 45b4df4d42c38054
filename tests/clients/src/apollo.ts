/** Apollo Client with its normalised cache: pages merge, and the answer of a mutation changes the entity wherever it is shown. */

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { filter, firstValueFrom, from, map } from 'rxjs'
import { Clients, SetNotes } from './documents'
import type { ClientsQuery } from './generated/graphql'
import { headers, tell, url } from './gateway'

type Shown = ClientsQuery['clients']

const cache = new InMemoryCache({
  typePolicies: { Query: { fields: { clients: relayStylePagination(['filter', 'orderBy', 'search']) } } },
})
const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, headers, fetch }) })
const watched = client.watchQuery({ query: Clients, variables: { first: 2, status: ['ACTIVE'] } })
const subscription = watched.subscribe(() => {})

/** What whoever watches is shown, as soon as it is as wished. */
function until(wished: (shown: Shown) => boolean): Promise<Shown> {
  const complete = from(watched).pipe(map((result) => (result.dataState === 'complete' ? result.data.clients : undefined)))
  return firstValueFrom(complete.pipe(filter((shown) => shown !== undefined && wished(shown)))) as Promise<Shown>
}

const one = await until(() => true)
await watched.fetchMore({ variables: { after: one.pageInfo.endCursor } })
const two = await until((shown) => shown.edges.length > 2)
const last = two.edges[3]?.node
if (!last) throw new Error('the pages did not merge')
const changed = await client.mutate({ mutation: SetNotes, variables: { id: last.id, notes: 'by Apollo' } })
const three = await until((shown) => shown.edges[3]?.node.notes === 'by Apollo')
const refused = await client.query({ query: Clients, variables: { first: 101 } }).catch((error: unknown) => error)

tell({
  pages: [one.edges.length, two.edges.length, three.edges.length],
  numbers: two.edges.map((edge) => edge.node.number),
  normalised: cache.identify(last) === `Client:${last.id}`,
  version: changed.data?.clientUpdate.client?.version === last.version + 1 && three.edges[3]?.node.version === last.version + 1,
  refused: CombinedGraphQLErrors.is(refused) ? refused.errors.map((error) => error.extensions?.code) : String(refused),
})
subscription.unsubscribe()
client.stop()
