import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { words } from '../../../wire/http.ts'
import { exact } from '../../../lib/time.ts'
import { format } from '../../../state/route.ts'
import { useBell, useClient, useDesk } from '../../context.ts'
import { DoButton } from '../../parts/DoButton.tsx'
import { Icon } from '../../parts/Icon.tsx'
import { SeverityWord, type Tone } from '../../parts/Severity.tsx'
import { useLoad } from '../../parts/useLoad.ts'
import { Wrong } from '../Gate.tsx'
import { Section } from '../Page.tsx'

/** DeviceTab says whether this browser can ring, by which output, and what it cannot do. */
export function DeviceTab(): JSX.Element {
  return (
    <div class="sections">
      <SoundPart />
      <Outputs />
      <Notifications />
      <Phones />
    </div>
  )
}

function SoundPart(): JSX.Element {
  const { arm, badge } = useBell()
  const desk = useDesk()
  const state = arm.state.value
  const kind = badge.value.kind
  const tone: Tone = kind === 'proven' ? 'ok' : kind === 'armed' ? 'info' : 'high'
  return (
    <Section title="Sound">
      <p>
        <SeverityWord tone={tone} word={badge.value.words} />
      </p>
      {(state.kind === 'off' || state.kind === 'blocked') && <p class="hint">{state.why ?? 'This browser stays silent whatever happens. Arm it so that a critical alert sounds here.'}</p>}
      {state.kind === 'armed' && (
        <p class="hint">
          {state.proven === undefined
            ? 'It can play, but nobody confirmed within a day that this output can be heard. A muted output plays too.'
            : `You heard the tone: ${exact(state.proven)}. That counts for a day.`}
        </p>
      )}
      <div class="actions">
        <button class="btn primary" type="button" onClick={() => desk.open({ kind: 'arm' })}>
          <Icon name="bell" />
          {state.kind === 'armed' ? 'Play the test tone' : 'Arm this browser'}
        </button>
        {state.kind === 'armed' && (
          <button class="btn" type="button" onClick={() => arm.disarm()}>
            Turn sound off
          </button>
        )}
      </div>
    </Section>
  )
}

/** The outputs of this device, where the browser lets a page choose. */
function Outputs(): JSX.Element {
  const { arm } = useBell()
  const desk = useDesk()
  const outputs = useLoad(() => arm.outputs(), [arm])
  const [wrong, setWrong] = useState<string>()
  const list = outputs.value ?? []
  const ask = async (): Promise<void> => {
    setWrong(undefined)
    try {
      outputs.put(await arm.outputs(true))
    } catch (error) {
      setWrong(words(error))
    }
  }
  return (
    <Section title="Output" hint="Where the siren comes out. A headset that lies on the desk is heard by nobody.">
      {list.length === 0 ? (
        <>
          <p class="hint">The system’s own choice. Some browsers name the outputs only after they were allowed to, others leave the choice to the system’s sound settings.</p>
          <div class="actions">
            <DoButton run={ask}>Show the outputs</DoButton>
          </div>
        </>
      ) : (
        <ul class="entries">
          {list.map((output) => (
            <li key={output.id}>
              <div>{output.label || 'Output'}</div>
              <DoButton
                run={async () => {
                  desk.open({ kind: 'arm' })
                  await arm.choose(output.id)
                }}
              >
                Use and test
              </DoButton>
            </li>
          ))}
        </ul>
      )}
      <Wrong words={wrong} />
    </Section>
  )
}

function Notifications(): JSX.Element {
  const { notify } = useBell()
  const permission = notify.permission.value
  return (
    <Section title="Desktop notifications" hint="For alerts, mentions and direct messages. Other messages are silent.">
      {permission === 'granted' && <SeverityWord tone="ok" word="allowed" />}
      {permission === 'denied' && (
        <>
          <SeverityWord tone="high" word="blocked" />
          <p class="hint">Allow them in the browser’s settings of this site, then reload.</p>
        </>
      )}
      {permission === 'unsupported' && <p class="hint">This browser shows none, or the page is not served over HTTPS.</p>}
      {permission === 'default' && (
        <div class="actions">
          <DoButton run={() => notify.ask()}>Allow notifications</DoButton>
        </div>
      )}
    </Section>
  )
}

function Phones(): JSX.Element {
  const { store } = useClient()
  const me = store.me.value?.id
  const ready = me === undefined ? undefined : store.readiness.value.get(me)
  return (
    <Section title="Phones, honestly">
      <p>
        A phone cannot ring from a web page while it is locked or another app is in front: the system stops the page. It never counts as armed then, and a page goes to your next way at once.
      </p>
      {ready !== undefined && (ready.ways ?? []).length > 0 ? (
        <p class="hint">You are reached by {ready.ways?.join(' and ')} as well.</p>
      ) : (
        <p>
          <a href={format({ page: 'settings', tab: 'ways' })}>Add ntfy</a>, whose app rings a locked phone, and test it.
        </p>
      )}
    </Section>
  )
}
