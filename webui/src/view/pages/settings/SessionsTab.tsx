import type { JSX } from 'preact'
import type { Session } from '../../../wire/types.gen.ts'
import { useClient } from '../../context.ts'
import { DoButton } from '../../parts/DoButton.tsx'
import { Failed } from '../../parts/Failed.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { Past } from '../../parts/Past.tsx'
import { useLoad } from '../../parts/useLoad.ts'
import { agentWords } from './agent.ts'

/** SessionsTab lists where somebody is signed in and ends what should not be. */
export function SessionsTab(): JSX.Element {
  const { api } = useClient()
  const sessions = useLoad(() => api.self.sessions())
  const me = useLoad(() => api.me())
  if (sessions.value === undefined) {
    return sessions.wrong === undefined ? <Skeleton rows={3} /> : <Failed what={sessions.wrong} onRetry={() => void sessions.reload()} />
  }
  return (
    <div class="form">
      <p class="hint">Ending a session signs that browser out at once and silences it. When you are on call, your team is told that it does not ring any more.</p>
      <ul class="entries">
        {sessions.value
          .toSorted((a, b) => b.lastSeen - a.lastSeen)
          .map((session) => (
            <Row key={session.id} session={session} here={session.id === me.value?.session} onEnded={() => void sessions.reload()} />
          ))}
      </ul>
    </div>
  )
}

function Row(props: { readonly session: Session; readonly here: boolean; readonly onEnded: () => void }): JSX.Element {
  const { api, session: mine } = useClient()
  const { session, here } = props
  return (
    <li>
      <div>
        <strong title={session.agent}>{agentWords(session.agent)}</strong> {here && <span class="badge">this one</span>}
        <p class="hint">
          {session.remote}, signed in <Past at={session.created} />, last seen <Past at={session.lastSeen} />
        </p>
      </div>
      <DoButton
        class={here ? '' : 'danger'}
        run={async () => {
          if (here) {
            await mine.signOut()
            return
          }
          await api.self.revokeSession(session.id)
          props.onEnded()
        }}
      >
        {here ? 'Sign out' : 'End'}
      </DoButton>
    </li>
  )
}
