import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { Severity } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { moved } from '../oncall/Ordered.tsx'
import { everydayRooms } from '../oncall/rooms.ts'
import { Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { Icon } from '../parts/Icon.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import { readMatch } from './match.ts'
import type { RuleDraft } from './routing.ts'

const severities: readonly { readonly value: Severity; readonly words: string }[] = [
  { value: 'critical', words: 'critical' },
  { value: 'low', words: 'low' },
  { value: 'info', words: 'info' },
]

/** Rules send alerts whose labels match somewhere else; the first one that matches counts. */
export function Rules(props: { readonly rules: readonly RuleDraft[]; readonly disabled: boolean; readonly onChange: (rules: readonly RuleDraft[]) => void }): JSX.Element {
  const { rules, onChange } = props
  return (
    <fieldset class="form" disabled={props.disabled}>
      <legend class="label">Rules: the first one that matches counts, else the defaults above</legend>
      <ol class="ladder">
        {rules.map((rule, i) => (
          <RuleFields
            key={i}
            n={i + 1}
            rule={rule}
            onChange={(next) => onChange(rules.map((old, other) => (other === i ? next : old)))}
            onUp={i === 0 ? undefined : () => onChange(moved(rules, i, -1))}
            onRemove={() => onChange(rules.filter((_, other) => other !== i))}
          />
        ))}
      </ol>
      <div class="actions">
        <button class="btn" type="button" onClick={() => onChange([...rules, { match: '', room: undefined, policy: undefined, team: undefined, severity: undefined }])}>
          <Icon name="plus" />
          Add a rule
        </button>
      </div>
    </fieldset>
  )
}

function RuleFields(props: {
  readonly n: number
  readonly rule: RuleDraft
  readonly onChange: (rule: RuleDraft) => void
  readonly onUp: (() => void) | undefined
  readonly onRemove: () => void
}): JSX.Element {
  const { store } = useClient()
  const { rule, onChange } = props
  const title = useId()
  const read = readMatch(rule.match)
  return (
    <li class="box form" aria-labelledby={title}>
      <header class="with-button">
        <h3 id={title}>Rule {props.n}</h3>
        <span>
          {props.onUp !== undefined && <IconButton icon="arrowUp" label={`Move rule ${props.n} up`} onClick={props.onUp} />}
          <IconButton icon="trash" label={`Remove rule ${props.n}`} onClick={props.onRemove} />
        </span>
      </header>
      <Field label="When these labels match" hint="label=value, or label=/regular expression/ for the whole value" wrong={rule.match.trim() !== '' && 'wrong' in read ? read.wrong : undefined}>
        {(id, note) => (
          <input id={id} class="input mono" aria-describedby={note} required autoCapitalize="none" spellcheck={false} placeholder="team=db severity=/page|critical/" value={rule.match} onInput={(e) => onChange({ ...rule, match: e.currentTarget.value })} />
        )}
      </Field>
      <div class="pair">
        <Choose label="Room" value={rule.room} none="as before" choices={everydayRooms(store.rooms.value)} onChange={(room) => onChange({ ...rule, room })} />
        <Choose label="Policy" value={rule.policy} none="as before" choices={[...(store.policies.value?.values() ?? [])].map((one) => ({ value: one.id, words: one.name }))} onChange={(policy) => onChange({ ...rule, policy })} />
        <Choose label="Team" value={rule.team} none="as before" choices={[...store.teams.value.values()].map((one) => ({ value: one.id, words: one.name }))} onChange={(team) => onChange({ ...rule, team })} />
        <Choose label="Severity" value={rule.severity} none="as the sender says" choices={severities} onChange={(severity) => onChange({ ...rule, severity })} />
      </div>
    </li>
  )
}
