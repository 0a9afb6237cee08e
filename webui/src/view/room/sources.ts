import { useComputed } from '@preact/signals'
import { useClient } from '../context.ts'
import type { Option, Sources } from './complete.ts'

/** useSources is what the composer can complete now, best first. */
export function useSources(): () => Sources {
  const { store, derived } = useClient()
  const sources = useComputed<Sources>(() => {
    const { priority, rooms } = derived.roomList.value
    const people: readonly Option[] = [...store.people.value.values()]
      .filter((person) => person.disabled !== true)
      .map((person) => ({ insert: person.handle, name: person.name, also: person.handle }))
    return {
      commands: store.commands.value,
      people,
      rooms: [...priority, ...rooms].map((item) => ({ insert: item.view.room.name, name: item.view.room.name, hint: item.view.room.topic ?? '' })),
      incidents: derived.openIncidents.value.map((incident) => ({ insert: String(incident.id), name: `${incident.id} ${incident.title}`, hint: incident.title })),
    }
  })
  return () => sources.value
}
