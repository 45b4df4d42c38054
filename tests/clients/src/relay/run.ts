/** Relay without a view: its store, its connections, its node queries. */

import { commitMutation, createOperationDescriptor, Environment, fetchQuery, getSingularSelector, Network, RecordSource, Store } from 'relay-runtime'
import type { ConcreteRequest, GraphQLResponse, OperationType, ReaderFragment, Variables } from 'relay-runtime'
import { headers, tell, url } from '../gateway'
import cardFragment, { type operationsCard_client$data } from './__generated__/operationsCard_client.graphql'
import cardQuery from './__generated__/operationsCardRefetchQuery.graphql'
import clientsFragment, { type operationsClients_query$data } from './__generated__/operationsClients_query.graphql'
import pageQuery from './__generated__/operationsClientsPageQuery.graphql'
import listQuery from './__generated__/operationsListQuery.graphql'
import notesMutation, { type operationsNotesMutation } from './__generated__/operationsNotesMutation.graphql'

async function ask(text: string | null | undefined, variables: Variables): Promise<GraphQLResponse> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: text, variables }),
  })
  return (await answer.json()) as GraphQLResponse
}

const environment = new Environment({
  network: Network.create((request, variables) => ask(request.text, variables)),
  store: new Store(new RecordSource()),
})

/** Fetch the query and keep what it brought. */
async function load(request: ConcreteRequest, variables: Variables): Promise<void> {
  environment.retain(createOperationDescriptor(request, variables))
  await fetchQuery<OperationType>(environment, request, variables).toPromise()
}

/** What the fragment reads from the store now. */
function read<T>(fragment: ReaderFragment, reference: unknown): T {
  const selector = getSingularSelector(fragment, reference)
  if (!selector) throw new Error(`${fragment.name} has no selector`)
  const found = environment.lookup(selector)
  if (found.isMissingData) throw new Error(`${fragment.name} misses data`)
  return found.data as T
}

const variables = { first: 2 }
await load(listQuery, variables)
const root = environment.lookup(createOperationDescriptor(listQuery, variables).fragment).data
const one = read<operationsClients_query$data>(clientsFragment, root).clients
await load(pageQuery, { ...variables, after: one.pageInfo.endCursor })
const two = read<operationsClients_query$data>(clientsFragment, root).clients

const reference = two.edges[3]?.node
if (!reference) throw new Error('the connection did not grow')
const card = () => read<operationsCard_client$data>(cardFragment, reference)
const { id, version } = card()
await new Promise<void>((resolve, reject) => {
  commitMutation<operationsNotesMutation>(environment, {
    mutation: notesMutation,
    variables: { id, notes: 'by Relay' },
    onCompleted: () => resolve(),
    onError: reject,
  })
})
const written = card()
await load(cardQuery, { id })

tell({
  pages: [one.edges.length, two.edges.length],
  numbers: two.edges.map((edge) => edge.node.number),
  notes: written.notes,
  version: written.version === version + 1,
  refetched: card().notes,
})
