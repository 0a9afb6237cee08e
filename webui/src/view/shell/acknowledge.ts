import type { Incident } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'

/** Acknowledges an incident; somebody who was not paged is asked first whether to take it. */
export function useAcknowledge(): (incident: Incident) => Promise<void> {
  const { client, desk } = useHands()
  return async (incident) => {
    const result = await client.actions.ack(incident.id)
    if (result === 'ask') {
      desk.ask({
        title: `Take incident ${incident.id}?`,
        text: `You were not paged for “${incident.title}”. Acknowledging makes you its owner and stops the ringing of its team.`,
        button: 'Take it',
        run: () => client.actions.ack(incident.id, { take: true }),
      })
    }
  }
}
