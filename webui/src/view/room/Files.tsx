import type { JSX } from 'preact'
import { fileUrl } from '../../wire/api.ts'
import type { File } from '../../wire/types.gen.ts'
import { Icon } from '../parts/Icon.tsx'
import { size } from './paste.ts'

const widest = 420
const tallest = 320

/** Files shows pictures in their place, in a size known before they load, and everything else to download. */
export function Files(props: { readonly files: readonly File[] }): JSX.Element {
  return (
    <div class="files">
      {props.files.map((file) => (shows(file) ? <Picture key={file.id} file={file} /> : <Download key={file.id} file={file} />))}
    </div>
  )
}

function shows(file: File): boolean {
  return file.type.startsWith('image/') && file.width !== undefined && file.height !== undefined && file.width > 0 && file.height > 0
}

function Picture(props: { readonly file: File }): JSX.Element {
  const { id, name, width = 1, height = 1 } = props.file
  const scale = Math.min(1, widest / width, tallest / height)
  return (
    <a class="picture" href={fileUrl(id)} target="_blank" rel="noopener" title={name}>
      <img src={fileUrl(id)} alt={name} width={Math.round(width * scale)} height={Math.round(height * scale)} loading="lazy" decoding="async" />
    </a>
  )
}

function Download(props: { readonly file: File }): JSX.Element {
  const { id, name, size: bytes } = props.file
  return (
    <a class="file" href={fileUrl(id)} download={name}>
      <Icon name="file" />
      <span class="name">{name}</span>
      <span class="hint">{size(bytes)}</span>
    </a>
  )
}
