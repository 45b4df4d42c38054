/** An analyst's page: hours of a coach by month and how far it is to a credential, without the name of a client. */

import { graphql } from '../generated'
import { ask } from '../gateway'
import { begin, button, el, show } from '../page'

const Coaches = graphql(`
  query Coaches {
    members(first: 50) { nodes { id name role } }
  }
`)

const Hours = graphql(`
  query Hours($coach: ID!) {
    certificationReport(coach: $coach, ruleSet: ICF_PCC) {
      totals { hours paidHours clients }
      byMonth { month hours paidHours }
      excludedByReason { reason count }
      readiness { met missing { metric have need } }
    }
  }
`)

async function coaches(): Promise<void> {
  const { members } = (await ask(Coaches, {})).data
  const found = members.nodes.filter((member) => member.role === 'COACH' || member.role === 'OWNER')
  show(...found.map((member) => button(member.name, () => hours(member.id, member.name))))
}

async function hours(coach: string, name: string): Promise<void> {
  const report = (await ask(Hours, { coach })).data.certificationReport
  if (!report) throw new Error('This coach is not yours to see.')
  const most = Math.max(1, ...report.byMonth.map((month) => month.hours))
  const months = report.byMonth.map((month) =>
    el('tr', {},
      el('td', {}, month.month),
      el('td', {}, month.hours.toFixed(1)),
      el('td', { style: 'width: 70%' }, el('div', { class: 'bar', style: `width: ${(100 * month.hours) / most}%` })),
    ),
  )
  const missing = report.readiness?.missing.map((metric) => el('li', {}, `${metric.metric}: ${metric.have} of ${metric.need}`))
  const left = report.excludedByReason.map((reason) => el('li', {}, `${reason.count} not counted: ${reason.reason}`))
  const { totals } = report
  show(
    el('h2', {}, `${name}: ${totals.hours} hours with ${totals.clients} clients, ${totals.paidHours} paid`),
    el('table', {}, ...months),
    el('h3', {}, report.readiness?.met ? 'Ready for ICF PCC' : 'Missing for ICF PCC'),
    el('ul', {}, ...(missing ?? [])),
    el('ul', { class: 'muted' }, ...left),
    button('Other coaches', coaches),
  )
}

void begin('analyst', 'hart', coaches)
