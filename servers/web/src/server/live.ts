// Server-sent events: jobs, plans and city versions as they change. One connection for the whole page.
import { useEffect } from 'react'
import { useConnection } from './connection'

export type Topic = 'job' | 'plan' | 'city' | 'hello'
type Listener = (content: unknown) => void

const listeners = new Map<Topic, Set<Listener>>()
const TOPICS: Topic[] = ['job', 'plan', 'city', 'hello']
let source: EventSource | null = null

function connect(): void {
  if (source) return
  source = new EventSource('/api/live?topics=jobs,plans,city')
  source.onopen = () => useConnection.getState().found()
  source.onerror = () => {
    useConnection.getState().lost()
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
