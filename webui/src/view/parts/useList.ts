import { useCallback, useEffect, useState } from 'preact/hooks'
import { words } from '../../wire/http.ts'
import { sentence } from './sentence.ts'

/** Why a list did not come, and how to ask again. */
export interface Listed {
  readonly wrong: string | undefined
  readonly retry: () => void
}

/** useList loads what the store then keeps current, when it is first shown and whenever one of deps changes. */
export function useList(load: () => Promise<void>, deps: readonly unknown[] = []): Listed {
  const [wrong, setWrong] = useState<string>()
  const retry = useCallback(() => {
    setWrong(undefined)
    load().catch((error: unknown) => setWrong(sentence(words(error))))
  }, deps)
  useEffect(retry, [retry])
  return { wrong, retry }
}
