/** Every audit of GraphQL over HTTP, against the gateway. */

import { auditServer } from 'graphql-http'
import { tell, url } from './gateway'

const results = await auditServer({ url, fetchFn: fetch })
tell(results.map((result) => ({ id: result.id, name: result.name, status: result.status, reason: 'reason' in result ? result.reason : null })))
