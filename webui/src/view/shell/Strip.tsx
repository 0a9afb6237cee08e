import type { JSX } from 'preact'
import { span } from '../../lib/time.ts'
import { useClient } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'

/** The server says something every 10 s; a longer silence means that the connection hangs. */
const patience = 16_000

/** Strip says that the connection is lost, and how old what is on the screen has become. */
export function Strip(): JSX.Element | null {
  const { store } = useClient()
  const { phase, heard, why } = store.connection.value
  void store.now.value // each second anew
  const silent = Date.now() - heard
  if (phase === 'idle' || (phase === 'live' && silent < patience)) {
    return null
  }
  return (
    <div class="strip" role="status">
      <Icon name="triangle" size={12} />
      {phase === 'stopped' ? (
        <span>{why === 'many' ? 'Too many open windows: this one is not live. Close another, then reload.' : 'Signed out on this device.'}</span>
      ) : (
        <span>
          {phase === 'live' ? 'No word from the server' : 'Reconnecting'}
          <span aria-hidden="true">{heard > 0 ? `, last event ${span(silent)} ago` : ''}</span>
        </span>
      )}
    </div>
  )
}
