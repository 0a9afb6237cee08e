import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { IntegrationId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { ChecksTable } from '../admin/ChecksTable.tsx'
import { IntegrationDetail } from '../admin/IntegrationDetail.tsx'
import { Integrations } from '../admin/Integrations.tsx'
import { People } from '../admin/People.tsx'
import { Silences } from '../admin/Silences.tsx'
import type { Given } from '../admin/snippets.ts'
import { TeamTab } from '../admin/TeamTab.tsx'
import { Page, PageTabs } from './Page.tsx'

const tabs = [
  { name: 'people', words: 'People', admin: true },
  { name: 'integrations', words: 'Integrations', admin: true },
  { name: 'silences', words: 'Silences', admin: false },
  { name: 'checks', words: 'Checks', admin: false },
  { name: 'team', words: 'Team', admin: true },
] as const

type TabName = (typeof tabs)[number]['name']

/**
 * Admin is what administrators decide for all; others see what is silenced and checked. An integration has its own
 * page, under its id.
 */
export function Admin(props: { readonly tab?: string | undefined }): JSX.Element {
  const { store, derived } = useClient()
  const [given, setGiven] = useState<ReadonlyMap<IntegrationId, Given>>(new Map())
  const may = tabs.filter((tab) => !tab.admin || derived.isAdmin.value)
  const asked = props.tab ?? ''
  const isOne = asked.startsWith('in_') && derived.isAdmin.value
  const name: TabName = isOne ? 'integrations' : (may.find((tab) => tab.name === asked)?.name ?? may[0]?.name ?? 'silences')
  const give = (id: IntegrationId, keyed: Given): void => setGiven(new Map([...given, [id, keyed]]))
  const one = [...(store.integrations.value?.values() ?? [])].find((integration) => integration.id === asked)
  return (
    <Page title="Administration" wide>
      <div>
        <PageTabs label="Administration" current={name} tabs={may.map((tab) => ({ name: tab.name, words: tab.words, to: { page: 'admin', tab: tab.name } }))} />
        {isOne && one !== undefined ? (
          <IntegrationDetail key={one.id} integration={one} given={given.get(one.id)} onGiven={(keyed) => give(one.id, keyed)} />
        ) : (
          <Tab name={name} asked={isOne ? asked : undefined} onGiven={give} />
        )}
      </div>
    </Page>
  )
}

function Tab(props: { readonly name: TabName; readonly asked: string | undefined; readonly onGiven: (id: IntegrationId, given: Given) => void }): JSX.Element {
  switch (props.name) {
    case 'people':
      return <People />
    case 'integrations':
      return <Integrations onGiven={props.onGiven} missing={props.asked} />
    case 'silences':
      return <Silences />
    case 'checks':
      return <ChecksTable />
    case 'team':
      return <TeamTab />
  }
}
