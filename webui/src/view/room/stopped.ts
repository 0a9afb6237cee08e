import { useEffect, useState } from 'preact/hooks'
import type { RoomView, Seq } from '../../wire/types.gen.ts'

/**
 * useStopped is where reading stopped: when the room was opened, and again each time the page was left. The line above
 * what is new stays there while one reads on.
 */
export function useStopped(view: RoomView): Seq | undefined {
  const [seen, setSeen] = useState<Seq | undefined>(view.joined && view.unread > 0 ? view.mark.seq : undefined)
  const last = view.room.lastSeq
  useEffect(() => {
    const onChange = (): void => {
      if (document.visibilityState === 'hidden' && view.joined) setSeen(last)
    }
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [last, view.joined])
  return seen
}
