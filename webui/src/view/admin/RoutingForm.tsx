import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Integration, PersonId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Declared } from '../oncall/EditorActions.tsx'
import { callable } from '../oncall/people.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Section } from '../pages/Page.tsx'
import { Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { type Route, RouteFields } from './RouteFields.tsx'
import { given, inputOf, ruleDraft, type RuleDraft, rulesOf } from './routing.ts'
import { Rules } from './Rules.tsx'

/** RoutingForm says where a sender's alerts go, by default and by rules, and who is paged while it is tried out. */
export function RoutingForm(props: { readonly integration: Integration }): JSX.Element {
  const { api, store, actions } = useClient()
  const { integration } = props
  const [name, setName] = useState(integration.name)
  const [service, setService] = useState(integration.service ?? '')
  const [route, setRoute] = useState<Route>({ team: integration.team, room: integration.room, policy: integration.policy })
  const [rules, setRules] = useState<readonly RuleDraft[]>((integration.rules ?? []).map(ruleDraft))
  const [shadow, setShadow] = useState<PersonId | undefined>(integration.shadow)
  const [endAfter, setEndAfter] = useState(String(integration.endAfter ?? 0))
  const [lockRoom, setLockRoom] = useState(integration.lockRoom === true)
  const form = useSubmit(['name', 'service', 'team', 'room', 'policy', 'shadow', 'endAfter'])
  const declared = integration.declared === true
  const read = rulesOf(rules)
  const me = store.me.value?.id
  const submit = form.run(async () => {
    if ('wrong' in read) return
    const { kind } = inputOf(integration)
    const seconds = Math.max(0, Math.trunc(Number(endAfter)) || 0)
    await api.integrations.patch(integration.id, {
      kind,
      name: name.trim(),
      ...given({ ...route, service: service.trim() === '' ? undefined : service.trim(), shadow }),
      rules: read.rules,
      endAfter: seconds,
      lockRoom,
    })
    actions.toast('Saved. It holds for the next request.')
  })
  return (
    <Section title="Routing">
      <form class="form" onSubmit={submit}>
        {declared && <Declared />}
        <fieldset class="form" disabled={declared}>
          <div class="pair">
            <Field label="Name" wrong={form.wrong('name')}>
              {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
            </Field>
            <Field label="Service" hint="Where its alerts carry no label service." wrong={form.wrong('service')}>
              {(id, note) => <input id={id} class="input" aria-describedby={note} maxLength={80} value={service} onInput={(e) => setService(e.currentTarget.value)} />}
            </Field>
          </div>
          <RouteFields route={route} onChange={setRoute} form={form} none="the default" />
          <div class="pair">
            <Choose
              label="Shadow"
              value={shadow}
              none="off: pages by the policy"
              hint="Pages only this person, beside the pager that is still in charge."
              choices={callable(store.people.value).map((person) => ({ value: person.id, words: person.id === me ? `pages only me (${person.name})` : `pages only ${person.name}` }))}
              onChange={setShadow}
              wrong={form.wrong('shadow')}
            />
            <Field label="Ends by itself after" hint="Seconds without a word from the sender; 0: never." wrong={form.wrong('endAfter')}>
              {(id, note) => <input id={id} class="input num" type="number" aria-describedby={note} min={0} max={2592000} value={endAfter} onInput={(e) => setEndAfter(e.currentTarget.value)} />}
            </Field>
          </div>
          <label class="check">
            <input type="checkbox" checked={lockRoom} onChange={(e) => setLockRoom(e.currentTarget.checked)} />
            The sender may not choose the room
          </label>
        </fieldset>
        <Rules rules={rules} disabled={declared} onChange={setRules} />
        <Wrong words={form.wrong()} />
        {!declared && (
          <div class="actions">
            <button class="btn primary" type="submit" disabled={form.busy || 'wrong' in read || name.trim() === ''}>
              Save
            </button>
            {'wrong' in read && <span class="hint">{read.wrong}</span>}
          </div>
        )}
      </form>
    </Section>
  )
}
