// What the page asks of its server. The token is in a header, never in a cookie.

const tokenName = 'foyer-manager-token';
let token = sessionStorage.getItem(tokenName) ?? '';

export function setToken(value) {
  token = value;
  if (value === '') sessionStorage.removeItem(tokenName);
  else sessionStorage.setItem(tokenName, value);
}

export const hasToken = () => token !== '';

/** A refusal, in the words of the server. */
export class Refused extends Error {
  constructor(status, problem) {
    super(`${problem.message} ${problem.whatToDo}`);
    this.status = status;
    this.code = problem.code;
  }
}

const silent = {
  code: 'silent',
  message: 'The management program does not answer.',
  whatToDo: 'It is asked again by itself.',
};

async function send(method, path, init = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  } catch {
    throw new Refused(0, silent);
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => silent);
  throw new Refused(response.status, problem);
}

export async function get(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return (await send('GET', search === '' ? path : `${path}?${search}`)).json();
}

export async function change(method, path, body) {
  const init =
    body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return (await send(method, path, init)).json();
}

export async function putFile(path, file) {
  return (await send('PUT', path, { body: file })).json();
}

const pictures = new Map();

/** The address of an image of the programme, for an `img`. Kept while the page lives. */
export function imageUrl(sha256) {
  let url = pictures.get(sha256);
  if (url === undefined) {
    url = send('GET', `/v1/media/${sha256}`).then(async (response) =>
      URL.createObjectURL(await response.blob()),
    );
    url.catch(() => pictures.delete(sha256));
    pictures.set(sha256, url);
  }
  return url;
}
