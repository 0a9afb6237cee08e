import { type ReadonlySignal, signal } from '@preact/signals'
import { local } from '../lib/storage.ts'
import type { IncidentId, RoomId, Seq } from '../wire/types.gen.ts'

/** A question that is asked once before something that cannot be undone, saying what will happen. */
export interface Question {
  readonly title: string
  readonly text: string
  /** what the button does, in its own words: "Delete message" */
  readonly button: string
  readonly danger?: boolean
  readonly run: () => void | Promise<unknown>
}

/** The one dialog that is open. */
export type Dialog =
  | { readonly kind: 'palette' | 'help' | 'arm' | 'newRoom' | 'directory' | 'direct' | 'raise' }
  | { readonly kind: 'members' | 'roomSettings'; readonly room: RoomId }
  | { readonly kind: 'ask'; readonly question: Question }

/** What is open on the screen and nowhere else: dialogs, the drawer, the phone's keyboard. */
export interface Desk {
  readonly dialog: ReadonlySignal<Dialog | undefined>
  /** the context panel as a drawer, on screens too narrow to show it always */
  readonly drawer: ReadonlySignal<boolean>
  /** a field of a conversation has the focus: the phone then hides its tabs */
  readonly typing: ReadonlySignal<boolean>
  readonly open: (dialog: Dialog) => void
  readonly close: () => void
  readonly ask: (question: Question) => void
  /** asks whether the next step shall be rung now */
  readonly askEscalate: (incident: IncidentId, title: string, run: Question['run']) => void
  readonly showDrawer: (shown: boolean) => void
  readonly setTyping: (typing: boolean) => void
  /** what some other part of the screen wrote for the room's composer to take over */
  readonly written: ReadonlySignal<string | undefined>
  readonly write: (text: string | undefined) => void
  /** the message that is being edited in its place */
  readonly editing: ReadonlySignal<Seq | undefined>
  readonly edit: (message: Seq | undefined) => void
  /** the steps of the first hour that were seen done in this browser; what is done stays done */
  readonly ticked: ReadonlySignal<ReadonlySet<string>>
  readonly tick: (step: string) => void
}

const shelf = 'ticked'

function words(x: unknown): readonly string[] | undefined {
  return Array.isArray(x) ? x.filter((one) => typeof one === 'string') : undefined
}

/** Makes an empty desk. */
export function createDesk(): Desk {
  const dialog = signal<Dialog | undefined>(undefined)
  const drawer = signal(false)
  const typing = signal(false)
  const written = signal<string | undefined>(undefined)
  const editing = signal<Seq | undefined>(undefined)
  const ticked = signal<ReadonlySet<string>>(new Set(local.read(shelf, words)))
  const ask = (question: Question): void => {
    dialog.value = { kind: 'ask', question }
  }
  return {
    dialog,
    drawer,
    typing,
    written,
    write: (text) => {
      written.value = text
    },
    editing,
    edit: (message) => {
      editing.value = message
    },
    ticked,
    tick: (step) => {
      if (ticked.peek().has(step)) return
      ticked.value = new Set([...ticked.peek(), step])
      local.write(shelf, [...ticked.peek()])
    },
    open: (next) => {
      dialog.value = next
    },
    close: () => {
      dialog.value = undefined
    },
    ask,
    askEscalate: (incident, title, run) =>
      ask({
        title: `Escalate incident ${incident}`,
        text: `The next step of its policy is rung now, without waiting: ${title}`,
        button: 'Escalate',
        danger: true,
        run,
      }),
    showDrawer: (shown) => {
      drawer.value = shown
    },
    setTyping: (now) => {
      typing.value = now
    },
  }
}
