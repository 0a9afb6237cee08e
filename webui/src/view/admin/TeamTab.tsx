import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useClient } from '../context.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Field } from '../parts/Field.tsx'
import { useLoad } from '../parts/useLoad.ts'
import { useSubmit } from '../parts/useSubmit.ts'

/** TeamTab holds the few things that are the same for everybody. The rest stands in watchroom.yaml. */
export function TeamTab(): JSX.Element {
  const { api, store, actions } = useClient()
  const present = store.settings.value.teamName
  const [name, setName] = useState(present)
  const version = useLoad(() => api.version())
  const form = useSubmit(['teamName'])
  const submit = form.run(async () => {
    await api.settings.patch({ teamName: name.trim() })
    actions.toast('Saved.')
  })
  return (
    <div class="form narrow">
      <form class="form" onSubmit={submit}>
        <Field label="Team" hint="What you all are called; it stands above the rooms." wrong={form.wrong('teamName')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || name.trim() === '' || name === present}>
            Save
          </button>
        </div>
      </form>
      <p class="hint">
        Addresses, mail, checks and limits stand in <code>watchroom.yaml</code> on the server; <code>watchroom check-config</code> reads it and says what is wrong.
        {version.value !== undefined && ` This is Watchroom ${version.value.version}.`}
      </p>
    </div>
  )
}
