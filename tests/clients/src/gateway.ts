/** The gateway under test and who asks, as the environment names them; and how an answer goes back to the test. */

const given = (name: string): string => process.env[name] ?? fail(name)

function fail(name: string): never {
  throw new Error(`${name} is not set`)
}

export const url = `${given('GATEWAY')}/graphql`
export const headers = { authorization: `Bearer ${given('TOKEN')}` }

export function tell(found: unknown): void {
  process.stdout.write(JSON.stringify(found))
}
