/** What the server wrote into the page: the paths of the gateway, and an empty one where there is no demo. */
const data = document.getElementById('root')!.dataset;

export const endpoint = data.endpoint!;
export const demo = data.demo!;
