/**
 * A server's message as a sentence. It may begin with the name of the field that is wrong ("name: is empty"), which is
 * left out where the message stands at that field.
 */
export function sentence(message: string, field?: string): string {
  const text = field !== undefined && message.startsWith(`${field}: `) ? subject(message.slice(field.length + 2), field) : message
  const [first = '', ...rest] = text.trim()
  return first.toUpperCase() + rest.join('') + (/[.!?…:]$/.test(text.trim()) ? '' : '.')
}

/** Many messages say only what the field is or has: they get their subject back. */
function subject(text: string, field: string): string {
  if (/^(is|are|has|have|needs|must|begins|holds|may|can)\b/.test(text)) return `It ${text}`
  return text.startsWith('of ') ? `${field} ${text}` : text
}
