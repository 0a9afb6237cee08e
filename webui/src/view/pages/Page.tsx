import type { ComponentChildren, JSX } from 'preact'
import { format, type Route } from '../../state/route.ts'
import { Icon } from '../parts/Icon.tsx'

/** Page is the frame of everything that is not a room: a head with its title and what can be done, and what scrolls. */
export function Page(props: {
  readonly title: ComponentChildren
  readonly actions?: ComponentChildren
  readonly back?: { readonly to: Route; readonly words: string }
  readonly wide?: boolean
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <main class="main">
      <header class="head">
        {props.back !== undefined && (
          <a class="btn quiet" href={format(props.back.to)} title={props.back.words} aria-label={props.back.words}>
            <Icon name="back" />
          </a>
        )}
        <h1 class="title">{props.title}</h1>
        <span class="spread" />
        {props.actions}
      </header>
      <div class="page">
        <div class={`inner ${props.wide === true ? 'wide' : ''}`}>{props.children}</div>
      </div>
    </main>
  )
}

/** One of the tabs of a page. */
export interface TabOf {
  readonly name: string
  readonly words: string
  readonly to: Route
  readonly count?: number
}

/** PageTabs are the parts of a page, each with an address of its own. */
export function PageTabs(props: { readonly label: string; readonly tabs: readonly TabOf[]; readonly current: string }): JSX.Element {
  return (
    <nav class="subtabs" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <a key={tab.name} href={format(tab.to)} aria-current={tab.name === props.current ? 'page' : undefined}>
          {tab.words}
          {tab.count !== undefined && tab.count > 0 && <span class="badge">{tab.count}</span>}
        </a>
      ))}
    </nav>
  )
}

/** Section is a part of a page under its own title. */
export function Section(props: {
  readonly title: string
  readonly hint?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <section class="part" aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        {props.actions !== undefined && <div class="actions">{props.actions}</div>}
      </header>
      {props.hint !== undefined && <p class="hint">{props.hint}</p>}
      {props.children}
    </section>
  )
}
