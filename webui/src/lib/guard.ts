/** An object whose fields nobody has looked at yet. */
export type Loose = Readonly<Record<string, unknown>>

/** Whether x is an object with fields, and neither null nor a list. */
export function isObject(x: unknown): x is Loose {
  return typeof x === 'object' && x !== null && !Array.isArray(x)
}

/** What x is when it is text, else undefined. */
export function text(x: unknown): string | undefined {
  return typeof x === 'string' ? x : undefined
}

/** What x is when it is a finite number, else undefined. */
export function number(x: unknown): number | undefined {
  return typeof x === 'number' && Number.isFinite(x) ? x : undefined
}

/** Parses JSON; what is no JSON is undefined. */
export function json(source: string): unknown {
  try {
    const value: unknown = JSON.parse(source)
    return value
  } catch {
    return undefined
  }
}
