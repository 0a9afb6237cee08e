import type { JSX } from 'preact'
import { useDesk } from '../context.ts'
import { lazy, whenIdle } from '../parts/Lazy.tsx'

const load = () => import('./DialogOf.tsx')
const DialogOf = lazy(() => load().then((m) => m.DialogOf), (content) => <div class="toasts">{content}</div>)

/** Fetches the dialogs before one is opened. */
export function preloadDialogs(): void {
  whenIdle(() => void load().catch(() => undefined))
}

/** Dialogs shows the one dialog that is open. */
export function Dialogs(): JSX.Element | null {
  const dialog = useDesk().dialog.value
  return dialog === undefined ? null : <DialogOf dialog={dialog} />
}
