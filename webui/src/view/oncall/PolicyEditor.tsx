import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Policy, Schedule, Target } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { type Choice, Choose } from '../parts/Choose.tsx'
import { Field } from '../parts/Field.tsx'
import { Icon } from '../parts/Icon.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import { Modal } from '../parts/Modal.tsx'
import { useSubmit } from '../parts/useSubmit.ts'
import { Wrong } from '../pages/Gate.tsx'
import { Declared, EditorActions } from './EditorActions.tsx'
import { type StepDraft, stepDraft, stepOf, targetKey, type TargetKey } from './draft.ts'
import { moved, Ordered } from './Ordered.tsx'
import { callable } from './people.ts'

/** PolicyEditor makes or changes a policy: whom to ring, in which order, and how long to wait in between. */
export function PolicyEditor(props: { readonly policy: Policy | undefined; readonly schedules: readonly Schedule[]; readonly onClose: () => void; readonly onDone: () => void }): JSX.Element {
  const { api, store } = useClient()
  const { policy, schedules } = props
  const first = schedules[0]
  const [name, setName] = useState(policy?.name ?? '')
  const [steps, setSteps] = useState<readonly StepDraft[]>(
    policy?.steps.map(stepDraft) ?? [{ targets: first === undefined ? [] : [targetKey({ schedule: first.id })], amount: '5', unit: 'minutes' }],
  )
  const form = useSubmit(['name'])
  const declared = policy?.declared === true
  const known: readonly (readonly [Target, string])[] = [
    ...schedules.map((schedule) => [{ schedule: schedule.id }, `On call: ${schedule.name}`] as const),
    ...callable(store.people.value).map((person) => [{ person: person.id }, person.name] as const),
  ]
  const targets = new Map(known.map(([target]) => [targetKey(target), target]))
  const empty = steps.findIndex((step) => step.targets.length === 0)
  const lack = name.trim() === '' ? 'Give the policy a name.' : steps.length === 0 ? 'A policy has at least one step.' : empty >= 0 ? `Step ${empty + 1} rings nobody.` : undefined
  const submit = form.run(async () => {
    const next = { name: name.trim(), steps: steps.map((step) => stepOf(step, targets)) }
    if (policy === undefined) {
      await api.oncall.policies.create(next)
    } else {
      await api.oncall.policies.replace(policy.id, { ...policy, ...next })
    }
    props.onDone()
  })
  return (
    <Modal title={policy === undefined ? 'New policy' : `Policy ${policy.name}`} onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        {declared && <Declared />}
        <fieldset class="form" disabled={declared}>
          <Field label="Name" wrong={form.wrong('name')}>
            {(id, note) => <input id={id} class="input" aria-describedby={note} required maxLength={80} value={name} onInput={(e) => setName(e.currentTarget.value)} />}
          </Field>
          <ol class="ladder">
            {steps.map((step, i) => (
              <StepFields
                key={i}
                n={i + 1}
                step={step}
                choices={known.map(([target, words]) => ({ value: targetKey(target), words }))}
                disabled={declared}
                onChange={(next) => setSteps(steps.map((old, other) => (other === i ? next : old)))}
                onUp={i === 0 ? undefined : () => setSteps(moved(steps, i, -1))}
                onRemove={steps.length === 1 ? undefined : () => setSteps(steps.filter((_, other) => other !== i))}
              />
            ))}
          </ol>
          {!declared && (
            <div class="actions">
              <button class="btn" type="button" onClick={() => setSteps([...steps, { targets: [], amount: '5', unit: 'minutes' }])}>
                <Icon name="plus" />
                Add a step
              </button>
            </div>
          )}
          <p class="hint">After the last step it starts again, until somebody acknowledges, for at most 8 h. When nobody of a step plays within 3 s the next step comes at once.</p>
        </fieldset>
        <Wrong words={form.wrong()} />
        <EditorActions
          busy={form.busy}
          lack={declared ? undefined : lack}
          declared={declared}
          onClose={props.onClose}
          remove={policy === undefined ? undefined : { what: `the policy ${policy.name}`, lost: 'Its steps are lost.', run: () => api.oncall.policies.remove(policy.id), done: props.onDone }}
        />
      </form>
    </Modal>
  )
}

const units = [
  { value: 'seconds', words: 'seconds' },
  { value: 'minutes', words: 'minutes' },
] as const

function StepFields(props: {
  readonly n: number
  readonly step: StepDraft
  readonly choices: readonly Choice<TargetKey>[]
  readonly disabled: boolean
  readonly onChange: (step: StepDraft) => void
  readonly onUp: (() => void) | undefined
  readonly onRemove: (() => void) | undefined
}): JSX.Element {
  const { step, onChange } = props
  return (
    <li class="box form">
      <header class="with-button">
        <h3>Step {props.n}</h3>
        {!props.disabled && (
          <span>
            {props.onUp !== undefined && <IconButton icon="arrowUp" label={`Move step ${props.n} up`} onClick={props.onUp} />}
            {props.onRemove !== undefined && <IconButton icon="trash" label={`Remove step ${props.n}`} onClick={props.onRemove} />}
          </span>
        )}
      </header>
      <Ordered loose label="Rings all of these at once" chosen={step.targets} choices={props.choices} add="Add a schedule or a person" disabled={props.disabled} onChange={(targets) => onChange({ ...step, targets })} />
      <div class="amount">
        <Field label="Then waits">
          {(id, note) => (
            <input
              id={id}
              class="input num"
              type="number"
              aria-describedby={note}
              min={1}
              max={step.unit === 'minutes' ? 1440 : 86400}
              required
              value={step.amount}
              onInput={(e) => onChange({ ...step, amount: e.currentTarget.value })}
            />
          )}
        </Field>
        <Choose label="Unit" value={step.unit} choices={units} onChange={(unit) => onChange({ ...step, unit: unit ?? step.unit })} />
      </div>
    </li>
  )
}
