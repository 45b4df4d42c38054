import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { endpoint } from './config';
import { accessToken } from './session';

const http = new URL(endpoint, location.href);
const send = createGraphiQLFetcher({
  url: http.href,
  subscriptionUrl: http.href.replace(/^http/, 'ws'),
  // Without this the fetcher asks for multipart answers and never for application/graphql-response+json.
  enableIncrementalDelivery: false,
});

/** Over WebSocket the toolkit sends these headers as connection parameters. An Authorization in the header editor wins. */
export const fetcher: Fetcher = async (params, options) => {
  const token = await accessToken();
  const headers: Record<string, string> = { ...options?.headers };
  const own = Object.keys(headers).some(name => name.toLowerCase() === 'authorization');
  if (token && !own) headers.Authorization = `Bearer ${token}`;
  return send(params, { ...options, headers });
};
