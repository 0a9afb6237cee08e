import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { IntegrationId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Field } from '../parts/Field.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { type Route, RouteFields } from './RouteFields.tsx'
import { given } from './routing.ts'
import type { Given, senders } from './snippets.ts'

/** ConnectDialog makes a way in for one kind of sender; its page then says what to paste and waits for the first request. */
export function ConnectDialog(props: {
  readonly sender: (typeof senders)[number]
  readonly onClose: () => void
  readonly onGiven: (id: IntegrationId, given: Given) => void
}): JSX.Element {
  const { api, actions, lists, store } = useClient()
  const { sender } = props
  const taken = [...(store.integrations.value?.values() ?? [])].map((one) => one.name.toLowerCase())
  const [name, setName] = useState(() => freeName(sender.kind, taken))
  const [service, setService] = useState('')
  const [route, setRoute] = useState<Route>({ team: undefined, room: undefined, policy: undefined })
  const form = useSubmit(['name', 'service', 'team', 'room', 'policy'])
  const submit = form.run(async () => {
    const made = await api.integrations.create({ kind: sender.kind, name: name.trim(), ...given({ ...route, service: service.trim() === '' ? undefined : service.trim() }) })
    props.onGiven(made.integration.id, { kind: sender.kind, url: made.url, key: made.key })
    await lists.integrations()
    props.onClose()
    actions.go({ page: 'admin', tab: made.integration.id })
  })
  return (
    <Modal title={`Connect ${sender.words}`} onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        <p class="hint">{sender.hint}</p>
        <div class="pair">
          <Field label="Name" wrong={form.wrong('name')}>
            {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
          </Field>
          <Field label="Service" hint="What it watches, where its alerts do not say." wrong={form.wrong('service')}>
            {(id, note) => <input id={id} class="input" aria-describedby={note} maxLength={80} placeholder="checkout" value={service} onInput={(e) => setService(e.currentTarget.value)} />}
          </Field>
        </div>
        <RouteFields route={route} onChange={setRoute} form={form} none="the default" />
        <p class="hint">Critical alerts ring by the policy and get a room of their own; low ones chime once in the room; info is only posted there.</p>
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || name.trim() === ''}>
            Connect
          </button>
          <button class="btn" type="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** A name that no other integration has: "alertmanager", "alertmanager 2". */
function freeName(base: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base} ${n}`
    if (!taken.includes(name)) return name
  }
}
