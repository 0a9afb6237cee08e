import type { JSX } from 'preact'
import { span } from '../../lib/time.ts'
import { useClient } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'

/** Strip says that the connection is lost, and how old what is on the screen has become. */
export function Strip(): JSX.Element | null {
  const { store } = useClient()
  const { phase, heard, why } = store.connection.value
  if (phase === 'live' || phase === 'idle' || store.me.value === undefined) {
    return null
  }
  if (phase === 'stopped') {
    return (
      <div class="strip" role="status">
        <Icon name="triangle" size={12} />
        {why === 'many' ? 'Too many open windows: this one is not live. Close another, then reload.' : 'Signed out on this device.'}
      </div>
    )
  }
  const silent = store.now.value - heard
  return (
    <div class="strip" role="status">
      <Icon name="triangle" size={12} />
      <span>
        Reconnecting<span aria-hidden="true">{heard > 0 ? `, last event ${span(silent)} ago` : ''}</span>
      </span>
    </div>
  )
}
