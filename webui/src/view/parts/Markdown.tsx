import type { ComponentChildren, JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { type Block, type Cell, type Inline, parse } from '../../lib/markdown.ts'
import { format } from '../../state/route.ts'
import { useClient } from '../context.ts'
import { incidentRoute, messageRoute } from './links.ts'

/** Markdown is a text of somebody, as nodes: nothing in it is ever read as HTML. */
export function Markdown(props: { readonly text: string }): JSX.Element {
  const blocks = useMemo(() => parse(props.text, { origin: globalThis.location.origin }), [props.text])
  return <div class="md">{blocks.map(block)}</div>
}

function block(b: Block, key: number): JSX.Element {
  switch (b.t) {
    case 'paragraph':
      return <p key={key}>{b.children.map(inline)}</p>
    case 'code':
      return (
        <pre key={key} tabIndex={0} aria-label={b.lang === '' ? 'Code' : `Code, ${b.lang}`}>
          <code>{b.text}</code>
        </pre>
      )
    case 'quote':
      return <blockquote key={key}>{b.children.map(block)}</blockquote>
    case 'list': {
      const items = b.items.map((item, i) => (
        <li key={i} class={item.done === undefined ? undefined : 'task'}>
          {item.done !== undefined && <input type="checkbox" disabled checked={item.done} aria-label={item.done ? 'done' : 'to do'} />}
          {item.children.map(block)}
        </li>
      ))
      return b.ordered ? (
        <ol key={key} start={b.start}>
          {items}
        </ol>
      ) : (
        <ul key={key}>{items}</ul>
      )
    }
    case 'table':
      return (
        <div key={key} class="scroll-x">
          <table class="table">
            <thead>
              <tr>{b.head.map((c, i) => cell('th', c, i))}</tr>
            </thead>
            <tbody>
              {b.rows.map((row, i) => (
                <tr key={i}>{row.map((c, j) => cell('td', c, j))}</tr>
              ))}
            </tbody>
          </table>
        </div>
      )
    case 'rule':
      return <hr key={key} />
    default:
      return b satisfies never
  }
}

function cell(Tag: 'th' | 'td', c: Cell, key: number): JSX.Element {
  return (
    <Tag key={key} class={`to-${c.align}`}>
      {c.children.map(inline)}
    </Tag>
  )
}

function inline(n: Inline, key: number): ComponentChildren {
  switch (n.t) {
    case 'text':
      return n.text
    case 'strong':
    case 'em':
    case 'del': {
      const Tag = n.t
      return <Tag key={key}>{n.children.map(inline)}</Tag>
    }
    case 'code':
      return <code key={key}>{n.text}</code>
    case 'link':
      return (
        <a key={key} href={n.href} target="_blank" rel="noopener noreferrer nofollow">
          {n.children.map(inline)}
        </a>
      )
    case 'mention':
      return <Mention key={key} handle={n.handle} />
    case 'room':
      return <RoomLink key={key} name={n.name} />
    case 'incident':
      return (
        <a key={key} href={format(incidentRoute(n.number))}>
          #{n.number}
        </a>
      )
    case 'permalink':
      return (
        <a key={key} href={format(messageRoute(n.message))}>
          {n.text}
        </a>
      )
    case 'break':
      return <br key={key} />
    default:
      return n satisfies never
  }
}

function Mention(props: { readonly handle: string }): JSX.Element {
  const { store, derived } = useClient()
  const person = derived.byHandle(props.handle)
  if (person === undefined) {
    return <>@{props.handle}</>
  }
  return (
    <span class={`mention ${person.id === store.me.value?.id ? 'me' : ''}`} title={person.name}>
      @{props.handle}
    </span>
  )
}

function RoomLink(props: { readonly name: string }): JSX.Element {
  const { derived } = useClient()
  const view = derived.roomByName(props.name)
  return view === undefined ? <>#{props.name}</> : <a href={format({ page: 'room', room: view.room.id })}>#{props.name}</a>
}
