import type { JSX } from 'preact'
import { useDesk } from '../context.ts'
import { Modal } from '../parts/Modal.tsx'

const keys: readonly (readonly [string, readonly string[], string])[] = [
  ['Ctrl', ['K'], 'Go to anything: rooms, people, incidents, pages, commands'],
  ['', ['A'], 'Acknowledge what rings you'],
  ['', ['E'], 'Escalate: ring the next step (asks once)'],
  ['Alt', ['↑', '↓'], 'Previous, next room'],
  ['Alt Shift', ['↑', '↓'], 'Previous, next room with something unread'],
  ['', ['G', 'I'], 'Incidents'],
  ['', ['G', 'O'], 'On-call'],
  ['', ['/'], 'Search'],
  ['', ['↑'], 'In an empty composer: edit your last message'],
  ['Shift', ['Enter'], 'New line; Enter sends'],
  ['', ['Esc'], 'Close what is open; else mark the room read'],
  ['', ['?'], 'This list'],
]

/** Help is the list of keys. */
export function Help(): JSX.Element {
  const desk = useDesk()
  return (
    <Modal title="Keys" onClose={desk.close}>
      <dl class="keys">
        {keys.map(([mods, presses, words]) => (
          <div key={words}>
            <dt>
              {mods !== '' && mods.split(' ').map((m) => <kbd key={m}>{m}</kbd>)}
              {presses.map((p) => (
                <kbd key={p}>{p}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <span class="spread" />
        <button class="btn" type="button" onClick={desk.close}>
          Close
        </button>
      </div>
    </Modal>
  )
}
