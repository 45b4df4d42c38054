/** A coach's page: clients, and a step that is looked at before it is taken, and taken back. */

import { graphql } from '../generated'
import { ask } from '../gateway'
import { begin, button, el, show } from '../page'

const Clients = graphql(`
  query Clients($after: String) {
    clients(first: 10, after: $after, filter: { status: ACTIVE }, orderBy: { field: NUMBER }) {
      nodes { id number name statusSince nextAppointment { startsAt } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`)

const Look = graphql(`
  query Look($id: ID!) {
    clientMakeInactivePreview(id: $id) {
      token undoUntil
      effects { kind action count }
      blockers { message } warnings { message }
    }
  }
`)

const Act = graphql(`
  mutation Act($id: ID!, $token: String) {
    clientMakeInactive(id: $id, token: $token) { client { name status } batchId undoUntil problems { message } }
  }
`)

const TakeBack = graphql(`
  mutation TakeBack($batch: ID!) {
    transitionUndo(batchId: $batch) { problems { message } }
  }
`)

async function list(after?: string | null): Promise<void> {
  const { clients } = (await ask(Clients, { after })).data
  const rows = clients.nodes.map((client) =>
    el('tr', {},
      el('td', {}, String(client.number)),
      el('td', {}, client.name ?? 'withheld'),
      el('td', {}, client.nextAppointment ? day(client.nextAppointment.startsAt) : ''),
      el('td', {}, button('Make inactive …', () => look(client.id, client.name ?? `Client ${client.number}`))),
    ),
  )
  const head = el('tr', {}, ...['No.', 'Name', 'Next session', ''].map((title) => el('th', {}, title)))
  const { hasNextPage, endCursor } = clients.pageInfo
  show(el('p', {}, `${clients.totalCount} active clients`), el('table', {}, head, ...rows), hasNextPage && button('More', () => list(endCursor)))
}

async function look(id: string, name: string): Promise<void> {
  const { clientMakeInactivePreview: plan } = (await ask(Look, { id })).data
  const says = [...plan.blockers, ...plan.warnings].map((said) => el('li', {}, said.message))
  const effects = plan.effects.map((effect) => el('li', {}, `${effect.kind}: ${effect.action} ${effect.count}`))
  show(
    el('h2', {}, `Make ${name} inactive?`),
    el('ul', {}, ...effects, ...says),
    plan.blockers.length === 0 && button('Make inactive', () => act(id, plan.token)),
    button('Leave as is', () => list()),
  )
}

async function act(id: string, token: string | null | undefined): Promise<void> {
  const { clientMakeInactive: done } = (await ask(Act, { id, token })).data
  const batch = done.batchId
  if (!batch) throw new Error(done.problems.map((problem) => problem.message).join(' '))
  show(
    el('p', { role: 'status' }, `${done.client?.name} is ${done.client?.status}.`),
    button('Undo', async () => {
      const { problems } = (await ask(TakeBack, { batch })).data.transitionUndo
      if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join(' '))
      await list()
    }),
    button('Back', () => list()),
  )
}

const day = (instant: string): string => new Date(instant).toLocaleDateString('en', { dateStyle: 'medium', timeZone: 'UTC' })

void begin('coach', 'hart', () => list())
