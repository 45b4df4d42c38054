/**
 * The browser's storage, without headers. `shouldPersistHeaders={false}` keeps them out of the stored tabs, but GraphiQL's
 * history stores them all the same, and somebody may have typed a token there.
 */
const HISTORY = ['graphiql:queries', 'graphiql:favorites'];

function withoutHeaders(json: string): string {
  return JSON.stringify(JSON.parse(json, (key, value) => (key === 'headers' ? undefined : value)));
}

export const storage = {
  getItem: (key: string) => localStorage.getItem(key),
  setItem: (key: string, value: string) => localStorage.setItem(key, HISTORY.includes(key) ? withoutHeaders(value) : value),
  removeItem: (key: string) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  get length() {
    return localStorage.length;
  },
};
