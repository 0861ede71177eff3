// Talking to the server: JSON in, JSON out, every failure a Problem a person can act on (RFC 9457).
import { useAddress } from '../state/address'
import { useConnection } from './connection'
import { takeEarly } from './early'

export type ProblemContent = {
  status: number
  code: string
  what: string
  where?: string
  expected?: string
  got?: string
  remedy?: string
  [extra: string]: unknown
}

export class Problem extends Error {
  constructor(readonly content: ProblemContent) {
    super(content.what)
  }
  get code(): string {
    return this.content.code
  }
}

/** Whether trying again may help: the server is away, or overloaded. */
export function isTransient(fault: unknown): boolean {
  return fault instanceof Problem && (fault.content.status === 0 || fault.content.status === 502 || fault.content.status === 503)
}

function unreachable(): Problem {
  return new Problem({ status: 0, code: 'page.server_gone', what: 'the server does not answer', remedy: 'start it: make run' })
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const content = (await response.json()) as ProblemContent
    if (content.code && content.what) return new Problem({ ...content, status: response.status })
  } catch {
    // not JSON: something between us and the server answered
  }
  return new Problem({ status: response.status, code: `http.${response.status}`, what: `${response.status} ${response.statusText}` })
}

/** Ask the server; raises {@link Problem}. Paths begin with /api. */
export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers)
  headers.set('Accept-Language', useAddress.getState().language)
  let response: Response
  try {
    response = await ((options.method ? undefined : takeEarly(path)) ?? fetch(path, { ...options, headers }))
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === 'AbortError') throw fault
    useConnection.getState().lost()
    throw unreachable()
  }
  useConnection.getState().found()
  if (!response.ok) throw await problemOf(response)
  return response
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask(path, { signal })).json() as Promise<T>
}

/** POST, PUT, PATCH or DELETE with a JSON body; the answer's JSON, or undefined where it has none. */
export async function sendJson<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await ask(path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
  })
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}
