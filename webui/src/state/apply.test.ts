import { expect, test } from 'vitest'
import { reduce, restart } from './apply.ts'
import { type Core, nothing } from './core.ts'
import { Model, dice, reader } from './model.testing.ts'
import type { RoomId, Seq } from '../wire/types.gen.ts'
import { line, stretch } from './window.ts'

/** What a snapshot tells, in an order of its own; where exactly a mark stands is the server's business. */
function told(core: Core) {
  const byId = <V>(map: ReadonlyMap<unknown, V>) => Object.fromEntries([...map].map(([k, v]) => [String(k), v]))
  const rooms = [...core.rooms].map(([k, v]) => [k, { ...v, members: [...v.members].sort(), mark: v.mark.ordinal }] as const)
  return { me: core.me, settings: core.settings, people: byId(core.people), rooms: Object.fromEntries(rooms), incidents: byId(core.incidents) }
}

/** The state with everything that was said in the reader's rooms held whole; what is held already stays. */
function whole(core: Core, model: Model): Core {
  const histories = new Map(core.histories)
  const threads = new Map(core.threads)
  const page = (room: RoomId, root?: Seq) => stretch({ messages: [...model.lines(room, root)], older: false, newer: false, at: core.at })
  for (const { room } of model.mine()) {
    if (!histories.has(room.id)) histories.set(room.id, page(room.id))
    for (const m of model.lines(room.id)) if (!threads.has(m.id)) threads.set(m.id, { ...page(room.id, m.id), root: line(m, core.at) })
  }
  return { ...core, histories, threads }
}

// A snapshot and the events after it make the same state as a later snapshot.
test('snapshot + events = fresh snapshot', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const model = new Model(dice(seed))
    for (let i = 0; i < 30; i++) model.step()
    model.outgoing = []
    let core = whole(restart(nothing, model.snapshot()), model)
    for (let i = 0; i < 150; i++) {
      model.step()
      for (const event of model.outgoing.splice(0)) core = reduce(core, event)
      // What the reader just came to is looked at, as a reader does.
      core = whole(core, model)
    }
    expect(told(core), `seed ${seed}`).toEqual(told(restart(nothing, model.snapshot())))
    for (const p of model.mine()) {
      const lines = core.histories.get(p.room.id)?.lines.map(({ asOf: _, ...m }) => m)
      expect(lines, `seed ${seed}`).toEqual(model.lines(p.room.id))
    }
  }
})

// Hearing an event twice, or one from before the snapshot, changes nothing.
test('events are heard once', () => {
  const model = new Model(dice(7))
  for (let i = 0; i < 200; i++) model.step()
  let core = nothing
  const events = model.outgoing
  const me = model.people.get(reader)
  if (me !== undefined) core = { ...core, me }
  for (const event of events) core = reduce(core, event)
  for (const event of events) expect(reduce(core, event)).toBe(core)
})
