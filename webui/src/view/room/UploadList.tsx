import type { JSX } from 'preact'
import { Icon } from '../parts/Icon.tsx'
import { IconButton } from '../parts/IconButton.tsx'
import { size } from './paste.ts'
import type { Uploads } from './uploads.ts'

/** UploadList shows the files that the next message will carry. */
export function UploadList(props: { readonly uploads: Uploads }): JSX.Element | null {
  const { uploads } = props
  if (uploads.list.length === 0) {
    return null
  }
  return (
    <ul class="uploads" aria-label="Files of this message">
      {uploads.list.map(({ key, name, state }) => (
        <li key={key} class={state.kind}>
          <Icon name="file" />
          <span class="name">{name}</span>
          <span class={state.kind === 'failed' ? 'wrong' : 'hint'} role="status">
            {state.kind === 'going' ? 'uploading…' : state.kind === 'there' ? size(state.file.size) : state.why}
          </span>
          <IconButton icon="close" label={`Take off ${name}`} onClick={() => uploads.drop(key)} />
          {state.kind === 'going' && <progress aria-label={`Uploading ${name}`} />}
        </li>
      ))}
    </ul>
  )
}
