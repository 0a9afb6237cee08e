import type { JSX } from 'preact'

/** Skeleton stands for rows that are being loaded; it appears only when that takes longer than 150 ms. */
export function Skeleton(props: { readonly rows?: number; readonly label?: string }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={props.label ?? 'Loading'}>
      {Array.from({ length: props.rows ?? 5 }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  )
}
