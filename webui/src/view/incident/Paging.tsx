import type { JSX } from 'preact'
import type { Incident, Page } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'
import { Avatar } from '../parts/Avatar.tsx'
import { SeverityWord } from '../parts/Severity.tsx'
import { Past } from '../parts/Past.tsx'
import { pageTone, pageWords, reached, wayWords } from './words.ts'

/** Paging says of everybody who was paged how far each way of reaching them got. */
export function Paging(props: { readonly incident: Incident; readonly pages: readonly Page[] }): JSX.Element {
  const { derived } = useClient()
  const people = reached(props.pages)
  if (people.length === 0) {
    return <p class="hint">{props.incident.severity === 'info' ? 'Info alerts page nobody.' : 'Nobody has been paged.'}</p>
  }
  return (
    <ul class="paging">
      {people.map(({ person, pages, tries }) => (
        <li key={person}>
          <Avatar small id={person} name={derived.personName(person)} />
          <div class="grow">
            <strong>{derived.personName(person)}</strong>
            {props.incident.ringing?.includes(person) === true && <span class="badge">ringing</span>}
            <ul>
              {pages.map((page, i) => (
                <li key={page.way}>
                  {wayWords(page.way)}: <SeverityWord tone={pageTone(page.state)} word={pageWords(page)} />
                  {page.why !== undefined && page.why !== '' && `: ${page.why}`}{' '}
                  <span class="hint">
                    <Past at={page.ended ?? page.played ?? page.sent ?? page.queued} />
                    {(tries[i] ?? 1) > 1 && `, tried ${tries[i]} times`}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        </li>
      ))}
    </ul>
  )
}
