import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Modal is a dialog above everything: Escape and the backdrop close it, focus stays inside and returns afterwards. */
export function Modal(props: { readonly title: string; readonly onClose: () => void; readonly children: ComponentChildren }): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      class="modal"
      aria-label={props.title}
      onCancel={(e) => {
        e.preventDefault()
        props.onClose()
      }}
      onClick={(e) => {
        if (e.target === ref.current) {
          props.onClose()
        }
      }}
    >
      <div class="inner">
        <h2>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  )
}
