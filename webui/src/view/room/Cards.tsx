import { Fragment, type JSX } from 'preact'
import { flat, parse } from '../../lib/markdown.ts'
import type { Line } from '../../state/core.ts'
import type { AlertCard, Card, PageOffer, RoomId } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { Markdown } from '../parts/Markdown.tsx'
import { SeverityWord, type Tone } from '../parts/Severity.tsx'
import { IncidentCard } from './IncidentCard.tsx'
import { StoryCard } from './StoryCard.tsx'

/** CardView is what a message shows besides its text. */
export function CardView(props: { readonly card: Card; readonly line: Line }): JSX.Element | null {
  const { card, line } = props
  if (card.incident !== undefined) return <IncidentCard incident={card.incident} here={line.room} />
  if (card.alert !== undefined) return <AlertView alert={card.alert} />
  if (card.page !== undefined) return <PageOfferView offer={card.page} text={line.text} room={line.room} />
  if (card.story !== undefined) return <StoryCard story={card.story} />
  return null
}

const tones: Readonly<Record<string, Tone>> = { crit: 'critical', high: 'high', low: 'low', info: 'info', ok: 'ok' }

/** An alert that is no incident: what a sender wanted to be known. */
function AlertView(props: { readonly alert: AlertCard }): JSX.Element {
  const { title, link, color, text, fields } = props.alert
  const tone = tones[color ?? 'info'] ?? 'info'
  return (
    <section class={`card ${tone}`} aria-label={title}>
      <SeverityWord tone={tone} caps />
      {!isWeb(link) ? (
        <span class="title">{title}</span>
      ) : (
        <Outside class="title" url={link} words={title} />
      )}
      {text !== undefined && text !== '' && <Markdown text={text} />}
      {fields !== undefined && fields.length > 0 && (
        <dl class="facts2">
          {fields.map((field) => (
            <Fragment key={field.name}>
              <dt>{field.name}</dt>
              <dd>{isWeb(field.value) ? <Outside url={field.value} words={field.value} /> : field.value}</dd>
            </Fragment>
          ))}
        </dl>
      )}
    </section>
  )
}

function isWeb(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\/\S+$/.test(url)
}

/** A link that a sender gave. */
function Outside(props: { readonly url: string; readonly words: string; readonly class?: string }): JSX.Element {
  return (
    <a class={props.class} href={props.url} target="_blank" rel="noopener noreferrer nofollow">
      {props.words}
    </a>
  )
}

/** Naming who is on call pages nobody; this button does, once asked. */
function PageOfferView(props: { readonly offer: PageOffer; readonly text: string; readonly room: RoomId }): JSX.Element {
  const { client, desk } = useHands()
  const { person, team } = props.offer
  const name = client.derived.personName(person)
  const ask = (): void =>
    desk.ask({
      title: `Page ${name}?`,
      text: `The armed devices of ${name} ring until somebody acknowledges.`,
      button: `Page ${name}`,
      run: () => client.actions.raise({ title: flat(parse(props.text)).slice(0, 200), severity: 'critical', person, team, room: props.room }),
    })
  return (
    <div class="actions">
      <button class="btn" type="button" onClick={ask}>
        <Icon name="bell" />
        Page {name}
      </button>
    </div>
  )
}
