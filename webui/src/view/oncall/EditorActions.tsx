import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { words } from '../../wire/http.ts'
import { sentence } from '../parts/sentence.ts'

/** Declared says why nothing can be changed here. */
export function Declared(): JSX.Element {
  return (
    <p class="notice" role="note">
      <span>
        From a file: change it there and run <code>watchroom apply</code>.
      </span>
    </p>
  )
}

/** What removing something takes away. */
export interface Removal {
  readonly what: string
  readonly lost: string
  readonly run: () => Promise<void>
  readonly done: () => void
}

/** EditorActions keep, leave, or remove, which asks once. */
export function EditorActions(props: {
  readonly busy: boolean
  /** what is missing before it can be kept */
  readonly lack: string | undefined
  readonly declared: boolean
  readonly onClose: () => void
  readonly remove: Removal | undefined
}): JSX.Element {
  const [sure, setSure] = useState(false)
  const { remove } = props
  if (sure && remove !== undefined) {
    return <Sure remove={remove} onCancel={() => setSure(false)} />
  }
  return (
    <div class="actions">
      {!props.declared && (
        <button class="btn primary" type="submit" disabled={props.busy || props.lack !== undefined}>
          Save
        </button>
      )}
      <button class="btn" type="button" onClick={props.onClose}>
        {props.declared ? 'Close' : 'Cancel'}
      </button>
      {props.lack !== undefined && <span class="hint">{props.lack}</span>}
      <span class="spread" />
      {!props.declared && remove !== undefined && (
        <button class="btn danger" type="button" onClick={() => setSure(true)}>
          Delete
        </button>
      )}
    </div>
  )
}

function Sure(props: { readonly remove: Removal; readonly onCancel: () => void }): JSX.Element {
  const { remove } = props
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const go = async (): Promise<void> => {
    setBusy(true)
    try {
      await remove.run()
      remove.done()
    } catch (error) {
      setWrong(sentence(words(error)))
      setBusy(false)
    }
  }
  return (
    <div class="notice crit" role="alertdialog" aria-label={`Delete ${remove.what}?`}>
      <span class="grow">{wrong ?? `Delete ${remove.what}? ${remove.lost}`}</span>
      <button class="btn danger" type="button" disabled={busy || wrong !== undefined} autoFocus onClick={() => void go()}>
        Delete
      </button>
      <button class="btn" type="button" onClick={props.onCancel}>
        Keep
      </button>
    </div>
  )
}
