import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Failed } from './Failed.tsx'
import { Skeleton } from './Skeleton.tsx'

/** lazy is a component whose code is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
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
      return <Failed what="This page could not be loaded." onRetry={() => setState('loading')} />
    }
    const Loaded = loaded
    return Loaded === undefined ? <Skeleton /> : <Loaded {...props} />
  }
}
