import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { exact, span, until } from '../../lib/time.ts'
import type { Alert, Row } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { Past } from '../parts/Past.tsx'
import { Span } from '../parts/Time.tsx'

const shown = 8 // rows before somebody asks for all

/** Alerts are the rows of an incident, what fires first, each with its labels and where to read more. */
export function Alerts(props: { readonly rows: readonly Row[] }): JSX.Element {
  const [all, setAll] = useState(false)
  const rows = props.rows.toSorted((a, b) => (a.ended ?? 0) - (b.ended ?? 0) || a.since - b.since)
  const hidden = all ? 0 : rows.length - shown
  return (
    <>
      <ul class="alerts">
        {(all ? rows : rows.slice(0, shown)).map((row) => (
          <AlertRow key={row.alert.key} row={row} />
        ))}
      </ul>
      {hidden > 0 && (
        <button class="btn quiet" type="button" onClick={() => setAll(true)}>
          Show {hidden} more
        </button>
      )}
    </>
  )
}

function AlertRow(props: { readonly row: Row }): JSX.Element {
  const { store } = useClient()
  const { alert, since, ended, ends } = props.row
  const over = alert.status === 'resolved' || ended !== undefined
  return (
    <li class={over ? 'over' : ''}>
      <div class="what">
        <SeverityWord tone={over ? 'ok' : alert.severity} word={over ? 'well again' : alert.severity} />
        <strong>{alert.title}</strong>
      </div>
      <p class="hint">
        {over && ended !== undefined ? (
          <>
            ended <Past at={ended} />, lasted {span(ended - since)}
          </>
        ) : (
          <>
            for <Span since={since} />
          </>
        )}
        {' · '}
        {alert.severityWhy}
        {!over && ends !== undefined && (
          <span title={exact(ends)}> · ends by itself {until(ends, store.now.value)} unless it is sent again</span>
        )}
      </p>
      {alert.text !== undefined && alert.text !== '' && <p class="prose">{alert.text}</p>}
      <AlertLinks alert={alert} />
      <AlertLabels alert={alert} />
    </li>
  )
}

function AlertLinks(props: { readonly alert: Alert }): JSX.Element | null {
  const links = (props.alert.links ?? []).filter((link) => /^https?:\/\//.test(link.url))
  if (links.length === 0) {
    return null
  }
  return (
    <div class="links">
      {links.map((link) => (
        <a key={link.url} href={link.url} target="_blank" rel="noreferrer noopener" title={link.url}>
          <Icon name="link" size={12} />
          {link.text || link.url}
        </a>
      ))}
    </div>
  )
}

function AlertLabels(props: { readonly alert: Alert }): JSX.Element | null {
  const labels = Object.entries(props.alert.labels ?? {})
  const fields = props.alert.fields ?? []
  if (labels.length === 0 && fields.length === 0) {
    return null
  }
  return (
    <dl class="labels">
      {labels.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {fields.map((field, i) => (
        <div key={i}>
          <dt>{field.name}</dt>
          <dd>{field.value}</dd>
        </div>
      ))}
    </dl>
  )
}
