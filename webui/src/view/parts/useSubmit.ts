import { useState } from 'preact/hooks'
import { ApiError, words } from '../../wire/http.ts'
import { sentence } from './sentence.ts'

/** What a form knows while it is sent: whether it waits, and what was refused, by field. */
export interface Submit {
  readonly busy: boolean
  /** what is wrong with a field; without a name, what is wrong with no field in particular */
  readonly wrong: (field?: string) => string | undefined
  readonly run: (work: () => Promise<void>) => (e: Event) => void
}

/** useSubmit sends a form once at a time and keeps what the server said against it. */
export function useSubmit(fields: readonly string[] = []): Submit {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<{ readonly field: string | undefined; readonly words: string }>()
  return {
    busy,
    wrong: (field) => {
      if (fault === undefined) return undefined
      return fault.field === field ? fault.words : undefined
    },
    run: (work) => (e) => {
      e.preventDefault()
      if (busy) return
      setBusy(true)
      setFault(undefined)
      work().then(
        () => setBusy(false),
        (error: unknown) => {
          setBusy(false)
          const field = error instanceof ApiError && error.field !== undefined && fields.includes(error.field) ? error.field : undefined
          setFault({ field, words: sentence(words(error), field) })
        },
      )
    },
  }
}
