import { batch, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { inField } from '../../lib/keys.ts'
import type { RoomId, Seq } from '../../wire/types.gen.ts'
import { useHands } from '../context.ts'
import { Icon } from '../parts/Icon.tsx'
import { phone } from '../parts/media.ts'
import { Completions } from './Completions.tsx'
import { grow } from './grow.ts'
import { pasted } from './paste.ts'
import { Refused } from './Refused.tsx'
import { useSend } from './send.ts'
import { UploadList } from './UploadList.tsx'
import { useCompletions } from './useCompletions.ts'
import { useUploads } from './uploads.ts'

/** Composer writes messages and commands into a room or a thread. */
export function Composer(props: { readonly room: RoomId; readonly title: string; readonly thread?: Seq; readonly onEditLast: () => void }): JSX.Element {
  const { room, thread, title, onEditLast } = props
  const { client, desk } = useHands()
  const key: RoomId | `t:${Seq}` = thread === undefined ? room : `t:${thread}`
  const list = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const text = useSignal(client.drafts.read(key))
  const uploads = useUploads(room)
  const sender = useSend(room, thread)
  const write = (next: string, place?: number): void => {
    batch(() => {
      text.value = next
      completions.follow(place)
    })
    client.drafts.write(key, next)
    if (area.current !== null && place !== undefined) {
      area.current.value = next
      area.current.setSelectionRange(place, place)
      area.current.focus()
    }
  }
  const completions = useCompletions(text, write)
  useSignalEffect(() => {
    const written = desk.written.value
    if (written !== undefined && thread === undefined) {
      desk.write(undefined)
      write(written, written.length)
    }
  })
  useLayoutEffect(() => {
    if (area.current !== null) grow(area.current)
  }, [text.value])
  useEffect(() => {
    if (!phone.peek()) area.current?.focus()
    return () => desk.setTyping(false)
  }, [])

  const submit = async (): Promise<void> => {
    if (uploads.busy) return
    const sent = text.peek()
    if (sent.trim() === '' && uploads.there.length === 0) return
    const files = uploads.there
    if (await sender.send(sent, files)) {
      uploads.clear()
      if (text.peek() === sent) write('')
    }
  }
  const onKeyDown = (e: KeyboardEvent): void => {
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return
    if (completions.key(e)) return
    if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault()
      void submit()
    } else if (e.key === 'ArrowUp' && text.value === '') {
      e.preventDefault()
      onEditLast()
    } else if (e.key === 'Escape' && inField(e)) {
      area.current?.blur()
    }
  }
  const onPaste = (e: ClipboardEvent): void => {
    const files = [...(e.clipboardData?.files ?? [])]
    const words = e.clipboardData?.getData('text/plain') ?? ''
    if (files.length > 0) {
      e.preventDefault()
      uploads.add(files)
    } else if (pasted(words) !== words && area.current !== null) {
      e.preventDefault()
      area.current.setRangeText(pasted(words), area.current.selectionStart, area.current.selectionEnd, 'end')
      write(area.current.value, area.current.selectionStart)
    }
  }
  const completion = completions.now.value
  const offered = completion !== undefined && completion.options.length > 0
  return (
    <form
      class="composer"
      onSubmit={(e) => {
        e.preventDefault()
        void submit()
      }}
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault()
        uploads.add([...(e.dataTransfer?.files ?? [])])
      }}
    >
      <Refused sender={sender} text={text.value} onText={(next) => write(next, next.length)} onAttach={(blob) => (uploads.add([blob]), write(''))} />
      <UploadList uploads={uploads} />
      {completion !== undefined && <Completions id={list} completion={completion} at={completions.at.value} onPick={completions.pick} />}
      <div class="writing">
        <label class="btn quiet" title="Attach a file">
          <Icon name="clip" label="Attach a file" />
          <input
            class="sr"
            type="file"
            multiple
            onChange={(e) => {
              uploads.add([...(e.currentTarget.files ?? [])])
              e.currentTarget.value = ''
            }}
          />
        </label>
        <textarea
          ref={area}
          rows={1}
          aria-label={`Message ${title}`}
          aria-autocomplete="list"
          aria-controls={offered ? list : undefined}
          aria-activedescendant={offered ? `${list}-${completions.at.value}` : undefined}
          placeholder={`Message ${title}${phone.value || thread !== undefined ? '' : ' — / for commands, @ to mention'}`}
          value={text.value}
          onInput={(e) => write(e.currentTarget.value, e.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onFocus={() => desk.setTyping(true)}
          onBlur={() => {
            desk.setTyping(false)
            completions.follow(undefined)
          }}
        />
        <button class="btn quiet send" type="submit" title="Send (Enter)" aria-label="Send" disabled={uploads.busy} onPointerDown={(e) => e.preventDefault()}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
