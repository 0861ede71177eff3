// Server-sent events: jobs, plans and city versions as they change. One connection for the whole page.
import { useEffect } from 'react'
import { ask } from './client'
import { useConnection } from './connection'

export type Topic = 'job' | 'plan' | 'city' | 'hello'
type Listener = (content: unknown) => void

const listeners = new Map<Topic, Set<Listener>>()
const TOPICS: Topic[] = ['job', 'plan', 'city', 'hello']
let source: EventSource | null = null
let looking = false

/** A stream may break while the server is well (a proxy, a worker renewed): only who does not answer a question is gone. */
function look(): void {
  if (looking || useConnection.getState().goneSince !== null) return
  looking = true
  ask('/health').catch(() => undefined).finally(() => (looking = false)) // asking tells the connection
}

function connect(): void {
  if (source) return
  source = new EventSource('/api/live?topics=jobs,plans,city')
  source.onopen = () => useConnection.getState().found()
  source.onerror = () => {
    look()
    if (source?.readyState === EventSource.CLOSED) {
      source = null // the browser gave up (the server answered with an error): begin anew
      setTimeout(connect, 2000)
    }
  }
  for (const topic of TOPICS)
    source.addEventListener(topic, (event) => {
      const content: unknown = JSON.parse((event as MessageEvent<string>).data)
      listeners.get(topic)?.forEach((listener) => listener(content))
    })
}

/** Hear of changes; returns how to stop. */
export function listen<T>(topic: Topic, listener: (content: T) => void): () => void {
  connect()
  const known = listeners.get(topic) ?? new Set()
  listeners.set(topic, known.add(listener as Listener))
  return () => known.delete(listener as Listener)
}

/** As {@link listen}, while the component is shown. */
export function useLive<T>(topic: Topic, listener: (content: T) => void): void {
  useEffect(() => listen(topic, listener), [topic, listener])
}
