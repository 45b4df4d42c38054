/** A client's phone: one request for one screen, which shows what the client may see, and nothing where they may not. */

import { graphql } from '../generated'
import { ask } from '../gateway'
import { begin, el, show } from '../page'

const Home = graphql(`
  query Home {
    viewer {
      client {
        status
        coach { name }
        appointments(first: 3, filter: { upcoming: true }) { nodes { startsAt plannedMinutes type { name } } }
        enrollments(first: 5) {
          nodes {
            state frozenAt
            package { name }
            modules(first: 20) { nodes { title version documents(first: 5) { nodes { title } } } }
          }
        }
      }
    }
  }
`)

async function home(): Promise<void> {
  const { data, withheld } = await ask(Home, {})
  const client = data.viewer.client
  if (!client) throw new Error('Sign in as a client.')
  const sessions = client.appointments?.nodes.map((session) =>
    el('li', {}, `${when(session.startsAt)}, ${session.plannedMinutes} min, ${session.type?.name ?? ''}`),
  )
  const packages = client.enrollments?.nodes.map((enrollment) =>
    el('section', { class: 'card' },
      el('h2', {}, enrollment.package?.name ?? ''),
      !!enrollment.frozenAt && el('p', { class: 'muted' }, `Paused: as it was on ${when(enrollment.frozenAt)}`),
      el('ul', {}, ...(enrollment.modules?.nodes ?? []).map((module) => el('li', {}, `${module.title} (${module.documents?.nodes.length ?? 0} documents)`))),
    ),
  )
  show(
    el('p', {}, `With ${client.coach?.name ?? 'your coach'}`),
    el('section', { class: 'card' }, el('h2', {}, 'Next sessions'), el('ul', {}, ...(sessions ?? []))),
    ...(packages ?? []),
    ...withheld.map((hidden) => el('p', { class: 'muted' }, hidden.because)),
  )
}

const when = (instant: string): string => new Date(instant).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

void begin('frozen-client', 'hart', home)
