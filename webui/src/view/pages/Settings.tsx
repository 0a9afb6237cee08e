import type { JSX } from 'preact'
import { format } from '../../state/route.ts'
import { useClient } from '../context.ts'
import { DoButton } from '../parts/DoButton.tsx'
import { phone } from '../parts/media.ts'
import { Page, PageTabs } from './Page.tsx'
import { DeviceTab } from './settings/DeviceTab.tsx'
import { PasswordTab } from './settings/PasswordTab.tsx'
import { ProfileTab } from './settings/ProfileTab.tsx'
import { SessionsTab } from './settings/SessionsTab.tsx'
import { TokensTab } from './settings/TokensTab.tsx'
import { WaysTab } from './settings/WaysTab.tsx'

const tabs = [
  { name: 'profile', words: 'Profile', show: ProfileTab },
  { name: 'device', words: 'This device', show: DeviceTab },
  { name: 'ways', words: 'Ways to reach you', show: WaysTab },
  { name: 'sessions', words: 'Sessions', show: SessionsTab },
  { name: 'tokens', words: 'Access tokens', show: TokensTab },
  { name: 'password', words: 'Password', show: PasswordTab },
] as const

/** Settings are what a person decides about themselves and this browser. */
export function Settings(props: { readonly tab?: string | undefined }): JSX.Element {
  const { session, derived } = useClient()
  const tab = tabs.find((one) => one.name === props.tab) ?? tabs[0]
  return (
    <Page
      title="Settings"
      actions={
        <>
          {derived.isAdmin.value && phone.value && (
            <a class="btn" href={format({ page: 'admin' })}>
              Administration
            </a>
          )}
          <DoButton run={() => session.signOut()}>Sign out</DoButton>
        </>
      }
    >
      <div>
        <PageTabs label="Settings" current={tab.name} tabs={tabs.map(({ name, words }) => ({ name, words, to: { page: 'settings', tab: name } }))} />
        <tab.show />
      </div>
    </Page>
  )
}
