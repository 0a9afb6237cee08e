/** What one message can hold, in bytes of UTF-8. */
export const maxBytes = 64 * 1024

/** Pasted text of more lines than this is a log and stands in a code block. */
const logLines = 20

/** Pasted text as it goes into the composer: a log is put into a fence that nothing inside of it can close. */
export function pasted(text: string): string {
  const lines = text.split('\n').length
  if (lines <= logLines || /^\s*(```|~~~)/.test(text)) return text
  const longest = Math.max(2, ...(text.match(/^\s*`+/gm) ?? []).map((run) => run.trim().length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text.replace(/\n$/, '')}\n${fence}\n`
}

/** How many bytes a text takes; cheap for what is short enough anyway. */
export function bytesOf(text: string): number {
  return text.length * 3 <= maxBytes ? text.length : new TextEncoder().encode(text).length
}

/** A size for people: "812 B", "1.4 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const [n, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB']
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${unit}`
}
