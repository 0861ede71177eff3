// While the server is gone: ask for its health again and again, less and less often.
import { useCallback, useEffect, useRef, useState } from 'react'
import { ask } from '../server/client'

const WAITS_S = [1, 2, 4, 8, 15]

export function useServerWatch(): { secondsLeft: number; tryNow: () => void } {
  const attempt = useRef(0)
  const [secondsLeft, setSecondsLeft] = useState(WAITS_S[0])
  const tryNow = useCallback(() => {
    setSecondsLeft(0)
    // When it answers, the connection is found: the banner goes, and what is shown is asked for anew (useCityChanges).
    ask('/health').catch(() => {
      attempt.current = Math.min(attempt.current + 1, WAITS_S.length - 1)
      setSecondsLeft(WAITS_S[attempt.current])
    })
  }, [])
  useEffect(() => {
    if (secondsLeft === 0) return
    const tick = setTimeout(() => (secondsLeft === 1 ? tryNow() : setSecondsLeft(secondsLeft - 1)), 1000)
    return () => clearTimeout(tick)
  }, [secondsLeft, tryNow])
  return { secondsLeft, tryNow }
}
