import type { JSX } from 'preact'
import { ChecksTable } from '../admin/ChecksTable.tsx'
import { Page } from './Page.tsx'

/** Checks shows how everything stands that this server watches itself. */
export function Checks(): JSX.Element {
  return (
    <Page title="Checks">
      <ChecksTable />
    </Page>
  )
}
