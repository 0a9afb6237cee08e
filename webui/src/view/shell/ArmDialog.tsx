import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { exact } from '../../lib/time.ts'
import { format } from '../../state/route.ts'
import { useBell, useDesk } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { phone } from '../parts/media.ts'
import { Modal } from '../parts/Modal.tsx'

/** ArmDialog lets this browser ring: it plays a tone, and asks whether it was heard. */
export function ArmDialog(): JSX.Element {
  const desk = useDesk()
  return (
    <Modal title="Arm this browser" onClose={desk.close}>
      <Sound />
      <Notifications />
      {phone.value && (
        <p class="notice high">
          <Icon name="phone" />
          <span>
            A phone cannot ring from here while it is locked or another app is in front. <a href={format({ page: 'settings', tab: 'ways' })} onClick={desk.close}>Add ntfy</a> so that it is reached all the same.
          </span>
        </p>
      )}
      <div class="actions">
        <span class="spread" />
        <button class="btn" type="button" onClick={desk.close}>
          Close
        </button>
      </div>
    </Modal>
  )
}

function Sound(): JSX.Element {
  const { arm } = useBell()
  const state = arm.state.value
  switch (state.kind) {
    case 'off':
    case 'blocked':
      return (
        <div class="form">
          <p>Browsers keep a page silent until you press something in it. Arming plays a short tone; a critical alert then sounds here until somebody acknowledges it.</p>
          {state.why !== undefined && <p class="notice high">{state.why}</p>}
          <div class="actions">
            <button class="btn primary large" type="button" onClick={() => void arm.begin()}>
              <Icon name="bell" />
              Play the tone
            </button>
          </div>
        </div>
      )
    case 'testing':
      return <p role="status">Playing the tone…</p>
    case 'asking':
      return <Asking />
    case 'armed':
      return (
        <div class="form">
          <p class={`notice ${state.proven === undefined ? '' : 'ok'}`} role="status">
            <Icon name="bell" />
            {state.proven === undefined ? 'Armed, but nobody has confirmed yet that this output can be heard.' : `Armed. You heard the tone: ${exact(state.proven)}.`}
          </p>
          <div class="actions">
            <button class="btn" type="button" onClick={() => void arm.begin()}>
              Play the tone again
            </button>
            <button class="btn quiet" type="button" onClick={() => arm.disarm()}>
              Turn sound off
            </button>
          </div>
        </div>
      )
    default:
      return state satisfies never
  }
}

function Asking(): JSX.Element {
  const { arm } = useBell()
  const [missed, setMissed] = useState(false)
  return (
    <div class="form">
      <h3>Did you hear it?</h3>
      <div class="actions">
        <button class="btn primary large" type="button" onClick={() => void arm.heard()}>
          Yes
        </button>
        <button class="btn large" type="button" onClick={() => void arm.begin()}>
          Again
        </button>
        <button
          class="btn large"
          type="button"
          onClick={() => {
            setMissed(true)
            void arm.notHeard()
          }}
        >
          No
        </button>
      </div>
      {missed && <Outputs />}
    </div>
  )
}

/** The outputs of this device, where the browser lets a page choose. */
function Outputs(): JSX.Element {
  const { arm } = useBell()
  const [outputs, setOutputs] = useState<readonly { readonly id: string; readonly label: string }[]>([])
  useEffect(() => {
    void arm.outputs().then(setOutputs, () => setOutputs([]))
  }, [arm])
  return (
    <div class="form">
      <p class="hint">Check that the device is not muted and that its volume is up{outputs.length > 0 ? ', or try another output:' : '. This browser does not let a page choose the output: choose it in the system’s sound settings.'}</p>
      {outputs.length > 0 && (
        <div class="actions">
          {outputs.map((output) => (
            <button key={output.id} class="btn" type="button" onClick={() => void arm.choose(output.id)}>
              {output.label}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

function Notifications(): JSX.Element | null {
  const { notify } = useBell()
  switch (notify.permission.value) {
    case 'granted':
      return <p class="hint">Notifications are allowed: alerts, mentions and direct messages appear on the desktop.</p>
    case 'denied':
      return <p class="notice high">Notifications are blocked for this site. Allow them in the browser’s site settings to see alerts when this tab is hidden.</p>
    case 'unsupported':
      return null
    case 'default':
      return (
        <div class="notice">
          <span class="grow">Show alerts, mentions and direct messages on the desktop as well.</span>
          <button class="btn" type="button" onClick={() => void notify.ask()}>
            Allow notifications
          </button>
        </div>
      )
    default:
      return null
  }
}
