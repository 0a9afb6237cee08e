import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useClient } from '../../context.ts'
import { ZoneField } from '../../oncall/ZoneField.tsx'
import { ownZone } from '../../oncall/zone.ts'
import { Field } from '../../parts/Field.tsx'
import { useSubmit } from '../../parts/useSubmit.ts'
import { chooseTheme, type Theme, theme } from '../../theme.ts'
import { Wrong } from '../Gate.tsx'
import { Section } from '../Page.tsx'
import { roleWords } from '../roles.ts'

/** ProfileTab holds the name and the time zone that others see, and the looks of this browser. */
export function ProfileTab(): JSX.Element {
  const { store, api, actions } = useClient()
  const me = store.me.value
  const [name, setName] = useState(me?.name ?? '')
  const [zone, setZone] = useState(me?.zone || ownZone())
  const form = useSubmit(['name', 'zone'])
  const submit = form.run(async () => {
    await api.self.patch({ name: name.trim(), zone })
    actions.toast('Saved.')
  })
  return (
    <div class="sections narrow">
      <form class="form" onSubmit={submit}>
        <p class="hint">
          @{me?.handle}, {me !== undefined && roleWords(me.role)}
        </p>
        <Field label="Name" wrong={form.wrong('name')}>
          {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} autoComplete="name" value={name} onInput={(e) => setName(e.currentTarget.value)} />}
        </Field>
        <ZoneField value={zone} onChange={setZone} wrong={form.wrong('zone')} hint="On-call times are shown in it." />
        <Wrong words={form.wrong()} />
        <div class="actions">
          <button class="btn primary" type="submit" disabled={form.busy || name.trim() === '' || (name === me?.name && zone === me.zone)}>
            Save
          </button>
        </div>
      </form>
      <Looks />
    </div>
  )
}

const themes: readonly { readonly value: Theme; readonly words: string }[] = [
  { value: 'system', words: 'As the system' },
  { value: 'dark', words: 'Dark' },
  { value: 'light', words: 'Light' },
]

function Looks(): JSX.Element {
  return (
    <Section title="Looks" hint="Kept in this browser alone.">
      <div class="segments" role="radiogroup" aria-label="Theme">
        {themes.map(({ value, words }) => (
          <label key={value} class="check">
            <input type="radio" name="theme" checked={theme.value === value} onChange={() => chooseTheme(value)} />
            {words}
          </label>
        ))}
      </div>
    </Section>
  )
}
