/** Who is signed in. The tokens stay in this module's memory: a reload signs out, and nothing is left in the browser. */
import { useSyncExternalStore } from 'react';
import { demo, endpoint } from './config';

export interface Person {
  as: string;
  label: string;
  name: string;
  hint: string;
}

interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
}

interface State {
  /** Changes whenever the person does, so that nothing shown to one person stays on the page of the next. */
  generation: number;
  person: (Pick<Person, 'name'> & Partial<Person>) | null;
  problem: string;
}

type Answer = Partial<Tokens> & { problems?: { message: string }[] };

const REFRESH_MS_BEFORE_END = 30_000;
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { accessToken refreshToken expiresAt problems { code message } }
}`;
const REFRESH = `mutation TokenRefresh($refreshToken: String!) {
  tokenRefresh(refreshToken: $refreshToken) { accessToken refreshToken expiresAt problems { code message } }
}`;

let tokens: Tokens | null = null;
let refreshing: Promise<void> | null = null;
let state: State = { generation: 0, person: null, problem: '' };
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(person: State['person'], newTokens: Tokens | null, problem = ''): void {
  tokens = newTokens;
  state = { generation: state.generation + 1, person, problem };
  listeners.forEach(listener => listener());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function complain(error: unknown): void {
  state = { ...state, problem: messageOf(error) };
  listeners.forEach(listener => listener());
}

async function post(path: string, body: unknown): Promise<any> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => {
    throw new Error('The gateway cannot be reached.');
  });
  return response.json().catch(() => {
    throw new Error(`The gateway answered with status ${response.status}.`);
  });
}

async function mutate(field: string, query: string, variables: object): Promise<Tokens> {
  const { data, errors } = await post(endpoint, { query, variables });
  const answer: Answer | undefined = data?.[field];
  return tokensOf({ ...answer, problems: [...(errors ?? []), ...(answer?.problems ?? [])] });
}

function tokensOf({ accessToken, refreshToken, expiresAt, problems = [] }: Answer): Tokens {
  if (problems.length === 0 && accessToken && refreshToken && expiresAt) return { accessToken, refreshToken, expiresAt };
  throw new Error(problems.map(problem => problem.message).join(' ') || 'The gateway gave no token.');
}

async function refresh(old: Tokens): Promise<void> {
  try {
    const fresh = await mutate('tokenRefresh', REFRESH, { refreshToken: old.refreshToken });
    if (tokens === old) tokens = fresh;
  } catch (error) {
    if (tokens === old) become(null, null, `Signed out: ${messageOf(error)}`);
  }
}

export function useSession(): State {
  return useSyncExternalStore(subscribe, () => state);
}

export async function signIn(username: string, password: string): Promise<void> {
  try {
    become({ name: username }, await mutate('signIn', SIGN_IN, { input: { username, password } }));
  } catch (error) {
    complain(error);
  }
}

export async function signInAs(person: Person): Promise<void> {
  try {
    become(person, tokensOf(await post(`${demo}/sign-in`, { as: person.as })));
  } catch (error) {
    complain(error);
  }
}

export function signOut(): void {
  become(null, null);
}

/** The people of demo mode; none outside it. */
export async function demoPeople(): Promise<Person[]> {
  if (!demo) return [];
  const response = await fetch(`${demo}/people`);
  return response.ok ? (await response.json()).people : [];
}

export async function accessToken(): Promise<string | undefined> {
  if (tokens && Date.parse(tokens.expiresAt) - Date.now() < REFRESH_MS_BEFORE_END) {
    refreshing ??= refresh(tokens).finally(() => (refreshing = null));
    await refreshing;
  }
  return tokens?.accessToken;
}
