import type { Shift } from '../../wire/types.gen.ts'
import { dayPlace } from './zone.ts'

/** A shift as it lies on a strip of days, in parts of the strip's width. */
export interface Bar {
  readonly shift: Shift
  readonly left: number // 0 to 1
  readonly width: number
}

/** The bars of the shifts that touch the days from the day of start on, by the zone's wall clock. */
export function bars(shifts: readonly Shift[], start: number, days: number, zone: string): readonly Bar[] {
  const place = (at: string) => Math.min(1, Math.max(0, dayPlace(Date.parse(at), start, zone) / days))
  return shifts
    .map((shift) => {
      const left = place(shift.from)
      return { shift, left, width: place(shift.to) - left }
    })
    .filter((bar) => bar.width > 0)
}

/** One's own shifts of several schedules, the next first; what runs on without a break is one shift. */
export function own<T extends { readonly shifts: readonly Shift[] }>(duties: readonly T[], mine: (shift: Shift) => boolean): readonly { readonly duty: T; readonly from: number; readonly to: number }[] {
  return duties
    .flatMap((duty) => {
      const runs: { duty: T; from: number; to: number }[] = []
      for (const shift of duty.shifts.filter(mine)) {
        const last = runs.at(-1)
        const [from, to] = [Date.parse(shift.from), Date.parse(shift.to)]
        if (last !== undefined && last.to === from) last.to = to
        else runs.push({ duty, from, to })
      }
      return runs
    })
    .toSorted((a, b) => a.from - b.from)
}
