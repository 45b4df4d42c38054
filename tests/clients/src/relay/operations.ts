/** What the Relay compiler reads; what it makes of it is what runs. */

import { graphql } from 'relay-runtime'

export const list = graphql`
  query operationsListQuery($first: Int!) {
    ...operationsClients_query @arguments(first: $first)
  }
`

export const clients = graphql`
  fragment operationsClients_query on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "operationsClientsPageQuery") {
    clients(first: $first, after: $after, filter: { status: ACTIVE }) @connection(key: "operations_clients") {
      edges { node { number ...operationsCard_client } }
      pageInfo { hasNextPage endCursor }
    }
  }
`

export const card = graphql`
  fragment operationsCard_client on Client @refetchable(queryName: "operationsCardRefetchQuery") {
    id
    name
    notes
    version
  }
`

export const notes = graphql`
  mutation operationsNotesMutation($id: ID!, $notes: String!) {
    clientUpdate(id: $id, input: { notes: $notes }) {
      client { ...operationsCard_client }
      problems { code }
    }
  }
`
