import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { words } from '../../wire/http.ts'
import { useDesk } from '../context.ts'
import type { Question } from '../desk.ts'
import { Modal } from '../parts/Modal.tsx'

/** Ask asks once before something is done, and says what will happen. Enter confirms only what does no harm. */
export function Ask(props: { readonly question: Question }): JSX.Element {
  const { title, text, button, danger, run } = props.question
  const desk = useDesk()
  const [wrong, setWrong] = useState<string>()
  const [busy, setBusy] = useState(false)
  const go = async (): Promise<void> => {
    setBusy(true)
    try {
      await run()
      desk.close()
    } catch (error) {
      setWrong(words(error))
      setBusy(false)
    }
  }
  return (
    <Modal title={title} onClose={desk.close}>
      <p>{text}</p>
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <div class="actions">
        <button class={`btn ${danger === true ? 'danger' : 'primary'}`} type="button" disabled={busy} autoFocus={danger !== true} onClick={() => void go()}>
          {button}
        </button>
        <button class="btn" type="button" autoFocus={danger === true} onClick={desk.close}>
          Cancel
        </button>
      </div>
    </Modal>
  )
}
