/** Operations that codegen types. */

import { graphql } from './generated'

export const Who = graphql(`
  query Who {
    viewer { member { name role } client { number } workspace { slug } }
  }
`)

export const Clients = graphql(`
  query Clients($first: Int!, $after: String, $status: [ClientStatus!]) {
    clients(first: $first, after: $after, filter: { status: $status }, orderBy: { field: NUMBER }) {
      edges { cursor node { id number name status notes version } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`)

export const SetNotes = graphql(`
  mutation SetNotes($id: ID!, $notes: String!, $version: Int) {
    clientUpdate(id: $id, input: { notes: $notes }, expectedVersion: $version) {
      client { id notes version }
      problems { code message path }
    }
  }
`)
