/** What the three pages share: elements made in one line, and a form to sign in with. */

import { resume, signIn, signOut } from './gateway'

type Child = Node | string | null | undefined | false

export function el(tag: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false))
  return made
}

export function button(text: string, act: () => Promise<void>): HTMLElement {
  const made = el('button', { type: 'button' }, text)
  made.addEventListener('click', () => void act().catch(complain))
  return made
}

export function show(...children: Child[]): void {
  document.querySelector('main')?.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false))
}

export function complain(error: unknown): void {
  document.querySelector('[role=alert]')?.replaceChildren(error instanceof Error ? error.message : String(error))
}

/** The page, for who is signed in; for others the form before it, filled in for somebody of the demo. */
export async function begin(username: string, workspace: string, page: () => Promise<void>): Promise<void> {
  const out = button('Sign out', async () => {
    await signOut()
    location.reload()
  })
  const enter = () => page().then(() => document.querySelector('main')?.after(out))
  if (await resume()) return enter().catch(complain)
  const name = el('input', { id: 'username', value: username, autocomplete: 'username' }) as HTMLInputElement
  const password = el('input', { id: 'password', type: 'password', value: 'portico-demo', autocomplete: 'current-password' }) as HTMLInputElement
  const form = el('form', { 'aria-label': 'Sign in' })
  form.append(el('label', { for: 'username' }, 'Username'), name, el('label', { for: 'password' }, 'Password'), password, el('button', {}, 'Sign in'))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    complain('')
    void signIn(name.value, password.value, workspace).then(enter).catch(complain)
  })
  show(form)
}
