import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { words } from '../../wire/http.ts'
import { sentence } from './sentence.ts'

/** What was asked for: nothing yet, the value, or why it did not come. A later failure keeps the value. */
export interface Loaded<T> {
  readonly value: T | undefined
  readonly wrong: string | undefined
  readonly reload: () => Promise<void>
  /** puts a value that another answer brought along */
  readonly put: (value: T) => void
}

/** useLoad asks when it is first shown, whenever one of deps changes, and on reload. Only the newest answer counts. */
export function useLoad<T>(load: () => Promise<T>, deps: readonly unknown[] = []): Loaded<T> {
  const [state, setState] = useState<{ readonly value?: T; readonly wrong?: string }>({})
  const newest = useRef(0)
  const reload = useCallback(() => {
    const turn = ++newest.current
    return load().then(
      (value) => {
        if (turn === newest.current) setState({ value })
      },
      (error: unknown) => {
        if (turn === newest.current) setState((was) => ({ ...was, wrong: sentence(words(error)) }))
      },
    )
  }, deps)
  useEffect(() => {
    void reload()
    return () => {
      newest.current++
    }
  }, [reload])
  return { value: state.value, wrong: state.wrong, reload, put: (value) => setState({ value }) }
}
