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

/** Where a person of several places may enter. */
export interface SignInChoice {
  workspace: { slug: string; name: string };
  as: string;
}

interface Problem {
  message: string;
  code?: string;
  extensions?: { code?: string };
}

type Answer = Partial<Tokens> & { choices?: SignInChoice[]; problems?: Problem[] };

const REFRESH_MS_BEFORE_END = 30_000;
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    accessToken refreshToken expiresAt
    choices { workspace { slug name } as }
    problems { code message }
  }
}`;
const REFRESH = `mutation TokenRefresh($refreshToken: String!) {
  tokenRefresh(refreshToken: $refreshToken) { accessToken refreshToken expiresAt problems { code message } }
}`;
const SIGN_OUT = 'mutation SignOut { signOut { problems { code message } } }';
const OVER = ['NOT_SIGNED_IN', 'UNAUTHENTICATED'];

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

function complain(problem: string): void {
  state = { ...state, problem };
  listeners.forEach(listener => listener());
}

async function post(path: string, body: unknown, token?: string): Promise<any> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => {
    throw new Error('The gateway cannot be reached.');
  });
  return response.json().catch(() => {
    throw new Error(`The gateway answered with status ${response.status}.`);
  });
}

async function mutate(field: string, query: string, variables: object, token?: string): Promise<Answer> {
  const { data, errors } = await post(endpoint, { query, variables }, token);
  const answer: Answer | undefined = data?.[field];
  return { ...answer, problems: [...(errors ?? []), ...(answer?.problems ?? [])] };
}

const wordsOf = (problems: Problem[]) => problems.map(({ message }) => message).join(' ');

function tokensOf({ accessToken, refreshToken, expiresAt, problems = [] }: Answer): Tokens {
  if (problems.length === 0 && accessToken && refreshToken && expiresAt) return { accessToken, refreshToken, expiresAt };
  throw new Error(wordsOf(problems) || 'The gateway gave no token.');
}

async function refresh(old: Tokens): Promise<void> {
  try {
    const fresh = tokensOf(await mutate('tokenRefresh', REFRESH, { refreshToken: old.refreshToken }));
    if (tokens === old) tokens = fresh;
  } catch (error) {
    if (tokens === old) become(null, null, `Signed out: ${messageOf(error)}`);
  }
}

export function useSession(): State {
  return useSyncExternalStore(subscribe, () => state);
}

/** Gives the choices where there are several: then the same again, with one of them, signs in. */
export async function signIn(username: string, password: string, choice?: SignInChoice): Promise<SignInChoice[]> {
  const input = { username, password, workspace: choice?.workspace.slug, as: choice?.as };
  try {
    const answer = await mutate('signIn', SIGN_IN, { input });
    if (answer.choices?.length) {
      complain(wordsOf(answer.problems ?? []));
      return answer.choices;
    }
    become({ name: username, hint: choice?.workspace.name }, tokensOf(answer));
  } catch (error) {
    complain(messageOf(error));
  }
  return [];
}

export async function signInAs(person: Person): Promise<void> {
  try {
    const fresh = tokensOf(await post(`${demo}/sign-in`, { as: person.as }));
    const problem = await end();
    become(person, fresh, problem);
  } catch (error) {
    complain(messageOf(error));
  }
}

export async function signOut(): Promise<void> {
  const problem = await end();
  if (tokens) become(null, null, problem);
}

/** Ends the session at the gateway, so that its tokens are refused from then on; gives the problem if that failed. */
async function end(): Promise<string> {
  try {
    const token = await accessToken();
    if (!token) return '';
    const answer = await mutate('signOut', SIGN_OUT, {}, token);
    // A session that is over already needs no end.
    const problems = (answer.problems ?? []).filter(({ code, extensions }) => !OVER.includes(code ?? extensions?.code ?? ''));
    return problems.length > 0 ? `The session was not ended: ${wordsOf(problems)}` : '';
  } catch (error) {
    return `The session was not ended: ${messageOf(error)}`;
  }
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
