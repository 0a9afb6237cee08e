import type { Readiness } from '../../wire/types.gen.ts'
import type { Tone } from '../parts/Severity.tsx'

/** Whether somebody can be rung, as a shape and a few words; the whole reason is in the readiness's own words. */
export function readyWords(ready: Readiness): { readonly tone: Tone; readonly words: string } {
  switch (ready.state) {
    case 'armed':
      return { tone: 'ok', words: 'armed and proven' }
    case 'armed_unproven':
      return { tone: 'info', words: 'armed, not proven' }
    case 'away':
      return { tone: 'low', words: `away, only ${ready.ways?.join(' and ') || 'other ways'}` }
    case 'dark':
      return { tone: 'high', words: 'dark, nothing rings' }
  }
}
