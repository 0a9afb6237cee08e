/**
 * A server's message as a sentence. It may begin with the name of the field that is wrong ("name: is empty"), which is
 * left out where the message stands at that field.
 */
export function sentence(message: string, field?: string): string {
  const text = field !== undefined && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message
  const [first = '', ...rest] = text.trim()
  return first.toUpperCase() + rest.join('') + (/[.!?…:]$/.test(text.trim()) ? '' : '.')
}
