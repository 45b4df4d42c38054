/** The gateway: signing in, and operations whose variables and answers codegen has typed. */

import { graphql } from './generated'
import type { TypedDocumentString } from './generated/graphql'

const url = new URLSearchParams(location.search).get('gateway') ?? 'http://127.0.0.1:8000'

const SignIn = graphql(`
  mutation SignIn($username: String!, $password: String!, $workspace: String) {
    signIn(input: { username: $username, password: $password, workspace: $workspace }) {
      accessToken refreshToken
      problems { message }
    }
  }
`)

const Refresh = graphql(`
  mutation Refresh($token: String!) {
    tokenRefresh(refreshToken: $token) { accessToken refreshToken problems { message } }
  }
`)

/** A field that is null because the caller may not read it, and why. */
export interface Withheld {
  path: (string | number)[]
  code: string
  because: string
}

interface Answer<T> {
  data?: T
  errors?: { message: string; extensions: { code: string; reason?: string } }[]
  extensions?: { withheld?: Withheld[] }
}

// In memory only: whoever reloads the page signs in again.
let access: string | null | undefined
let refresh: string | null | undefined

export async function signIn(username: string, password: string, workspace?: string): Promise<void> {
  access = refresh = undefined
  const { signIn: made } = (await ask(SignIn, { username, password, workspace })).data
  if (!made.accessToken) throw new Error(made.problems.map((problem) => problem.message).join(' '))
  access = made.accessToken
  refresh = made.refreshToken
}

/** Data, and what of it was withheld; an error is thrown with the gateway's words. An old access token is exchanged once. */
export async function ask<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<{ data: T; withheld: Withheld[] }> {
  const answer = await send(document, variables)
  const [error] = answer.errors ?? []
  if (error?.extensions.reason === 'EXPIRED' && refresh) {
    const token = refresh
    access = refresh = undefined
    const { tokenRefresh: made } = (await ask(Refresh, { token })).data
    access = made.accessToken
    refresh = made.refreshToken
    return ask(document, variables)
  }
  if (error || !answer.data) throw new Error(error?.message ?? 'The gateway answered without data.')
  return { data: answer.data, withheld: answer.extensions?.withheld ?? [] }
}

async function send<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<Answer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(access ? { authorization: `Bearer ${access}` } : {}),
    },
    body: JSON.stringify({ query: document.toString(), variables }),
  })
  return (await response.json()) as Answer<T>
}
