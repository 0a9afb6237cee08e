import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Failed } from './Failed.tsx'
import { Skeleton } from './Skeleton.tsx'

/**
 * lazy is a component whose code is loaded when it is first shown. The frame holds what is shown meanwhile; without
 * one it stands alone.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>, frame: (content: JSX.Element) => JSX.Element = (content) => content): (props: P) => JSX.Element {
  let loaded: ComponentType<P> | undefined
  return function Lazy(props: P): JSX.Element {
    const [state, setState] = useState<'loading' | 'ready' | 'failed'>(loaded === undefined ? 'loading' : 'ready')
    useEffect(() => {
      if (state !== 'loading') return
      let gone = false
      load().then(
        (component) => {
          loaded = component
          if (!gone) setState('ready')
        },
        () => {
          if (!gone) setState('failed')
        },
      )
      return () => {
        gone = true
      }
    }, [state])
    if (state === 'failed') {
      return frame(<Failed what="This part could not be loaded. When Watchroom was just updated, reload the page." onRetry={() => setState('loading')} />)
    }
    const Loaded = loaded
    return Loaded === undefined ? frame(<Skeleton />) : <Loaded {...props} />
  }
}

/** Runs fn once the browser has nothing better to do. */
export function whenIdle(fn: () => void): void {
  if (typeof globalThis.requestIdleCallback === 'function') {
    globalThis.requestIdleCallback(fn, { timeout: 5000 })
  } else {
    setTimeout(fn, 1500)
  }
}
