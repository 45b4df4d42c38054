/** The gateway: signing in, and operations whose variables and answers codegen has typed. */

import { graphql } from './generated'
import type { TypedDocumentString } from './generated/graphql'

const url = new URLSearchParams(location.search).get('gateway') ?? 'http://127.0.0.1:8000'

const SignIn = graphql(`
  mutation SignIn($username: String!, $password: String!, $workspace: String) {
    signIn(input: { username: $username, password: $password, workspace: $workspace }) { accessToken problems { message } }
  }
`)

const Refresh = graphql(`
  mutation Refresh {
    tokenRefresh { accessToken problems { message } }
  }
`)

const SignOut = graphql(`
  mutation SignOut {
    signOut { problems { message } }
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

// In memory only. What outlives the page is the refresh token, in a cookie that no script reads.
let access: string | null | undefined

export async function signIn(username: string, password: string, workspace?: string): Promise<void> {
  access = undefined
  const { signIn: made } = (await ask(SignIn, { username, password, workspace })).data
  if (!made.accessToken) throw new Error(made.problems.map((problem) => problem.message).join(' '))
  access = made.accessToken
}

/** Go on with the session that the browser has, if any. One tab at a time: two that send one token look like its owner and a thief. */
export function resume(): Promise<boolean> {
  return navigator.locks.request('portico-refresh', async () => {
    access = undefined
    const answer = await send(Refresh, {})
    access = answer.data?.tokenRefresh.accessToken
    return Boolean(access)
  })
}

export async function signOut(): Promise<void> {
  await ask(SignOut, {})
  access = undefined
}

/** Data, and what of it was withheld; an error is thrown with the gateway's words. An old access token is exchanged once. */
export async function ask<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<{ data: T; withheld: Withheld[] }> {
  const answer = await send(document, variables)
  const [error] = answer.errors ?? []
  if (error?.extensions.reason === 'EXPIRED' && (await resume())) return ask(document, variables)
  if (error || !answer.data) throw new Error(error?.message ?? 'The gateway answered without data.')
  return { data: answer.data, withheld: answer.extensions?.withheld ?? [] }
}

async function send<T, V>(document: TypedDocumentString<T, V>, variables: V): Promise<Answer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    credentials: 'include',
    headers: {
      'portico-session': 'cookie',
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(access ? { authorization: `Bearer ${access}` } : {}),
    },
    body: JSON.stringify({ query: document.toString(), variables }),
  })
  return (await response.json()) as Answer<T>
}
