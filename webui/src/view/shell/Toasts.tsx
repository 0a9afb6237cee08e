import type { JSX } from 'preact'
import { useClient } from '../context.ts'
import { IconButton } from '../parts/IconButton.tsx'

/** Toasts are what just happened, for a few seconds, and how to undo it. */
export function Toasts(): JSX.Element {
  const { store, actions } = useClient()
  return (
    <div class="toasts" role="status" aria-live="polite">
      {store.toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.tone}`}>
          <span>{toast.text}</span>
          {toast.undo !== undefined && (
            <button class="btn" type="button" onClick={toast.undo}>
              Undo
            </button>
          )}
          <IconButton icon="close" label="Dismiss" onClick={() => actions.dismissToast(toast.id)} />
        </div>
      ))}
    </div>
  )
}
