import { useSignal } from '@preact/signals'
import { nonce } from '../../lib/id.ts'
import { words } from '../../wire/http.ts'
import type { File, RoomId } from '../../wire/types.gen.ts'
import { useClient } from '../context.ts'

/** A file on its way to the server, or there. */
export interface Upload {
  readonly key: string
  readonly name: string
  readonly state: { readonly kind: 'going' } | { readonly kind: 'there'; readonly file: File } | { readonly kind: 'failed'; readonly why: string }
}

/** What a composer does with files. */
export interface Uploads {
  readonly list: readonly Upload[]
  readonly add: (files: Iterable<Blob>) => void
  readonly drop: (key: string) => void
  readonly clear: () => void
  readonly busy: boolean
  /** the files that are there */
  readonly there: readonly File[]
}

/** What a pasted picture is called: it has no name of its own. */
function nameOf(blob: Blob): string {
  if (blob instanceof globalThis.File && blob.name !== '') return blob.name
  return `pasted.${blob.type.split('/')[1]?.replace(/[^a-z0-9].*$/, '') ?? 'bin'}`
}

/** useUploads sends files to a room's store before the message that shows them is posted. */
export function useUploads(room: RoomId): Uploads {
  const { actions } = useClient()
  const list = useSignal<readonly Upload[]>([])
  const change = (key: string, state: Upload['state']): void => {
    list.value = list.peek().map((one) => (one.key === key ? { ...one, state } : one))
  }
  const add = (files: Iterable<Blob>): void => {
    for (const blob of files) {
      const key = nonce()
      const name = nameOf(blob)
      list.value = [...list.peek(), { key, name, state: { kind: 'going' } }]
      actions.upload(room, blob, name).then(
        (file) => change(key, { kind: 'there', file }),
        (error: unknown) => change(key, { kind: 'failed', why: words(error) }),
      )
    }
  }
  return {
    list: list.value,
    add,
    drop: (key) => {
      list.value = list.peek().filter((one) => one.key !== key)
    },
    clear: () => {
      list.value = []
    },
    busy: list.value.some((one) => one.state.kind === 'going'),
    there: list.value.flatMap((one) => (one.state.kind === 'there' ? [one.state.file] : [])),
  }
}
