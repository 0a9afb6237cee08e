import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Person } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Wrong } from '../pages/Gate.tsx'
import { HandleField } from '../pages/Joining.tsx'
import { MakeToken } from '../pages/settings/TokensTab.tsx'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'

/** BotDialog makes an account for a program, and its first token. */
export function BotDialog(props: { readonly onClose: () => void }): JSX.Element {
  const { api, derived, store } = useClient()
  const [name, setName] = useState('')
  const [handle, setHandle] = useState('')
  const [bot, setBot] = useState<Person>()
  const form = useSubmit(['name', 'handle'])
  const me = store.me.value
  const submit = form.run(async () => {
    const { person } = await api.people.add({ handle: handle.trim(), name: name.trim() || handle.trim(), bot: true })
    setBot(person)
  })
  if (bot !== undefined) {
    return (
      <Modal title={`${bot.name} is made`} onClose={props.onClose}>
        <p>It signs in with a token instead of a password.</p>
        <MakeToken person={bot.id} onMade={() => undefined} />
        <div class="actions">
          <button class="btn" type="button" onClick={props.onClose}>
            Done
          </button>
        </div>
      </Modal>
    )
  }
  return (
    <Modal title="New bot" onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        <HandleField value={handle} onInput={setHandle} wrong={form.wrong('handle')} autoFocus />
        <Field label="Name" wrong={form.wrong('name')} hint="The handle when left open.">
          {(id, note) => <input id={id} class="input" aria-describedby={note} maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <p class="hint">It belongs to you{me === undefined ? '' : `, ${derived.personName(me.id)}`}, and may do what you may do.</p>
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || handle.trim() === ''}>
            Make the bot
          </button>
          <button class="btn" type="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}
