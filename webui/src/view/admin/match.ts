/** Labels and what they must be: the value itself, or /a regular expression/ for the whole of it. */
export type Match = Readonly<Record<string, string>>

/** What was read of a line of matchers, or what is wrong with it. */
export type Read = { readonly match: Match } | { readonly wrong: string }

const matcher = /\s*([A-Za-z_][A-Za-z0-9_.:-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(\/(?:[^/\\]|\\.)*\/)|([^\s,"]*))\s*,?/y

/** Reads matchers as they are written: severity=critical team=db instance=/web-.+/ note="two words". */
export function readMatch(text: string): Read {
  const match: Record<string, string> = {}
  let at = 0
  while (at < text.trimEnd().length) {
    matcher.lastIndex = at
    const found = matcher.exec(text)
    if (found === null) {
      return { wrong: `Write label=value, not ${text.slice(at).trim().slice(0, 40)}` }
    }
    const [whole, name, quoted, pattern, plain] = found
    const value = quoted === undefined ? (pattern ?? plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1')
    if (pattern !== undefined && !isPattern(pattern)) {
      return { wrong: `${pattern} is not a regular expression` }
    }
    match[name ?? ''] = value
    at += whole.length
  }
  return Object.keys(match).length === 0 ? { wrong: 'Name at least one label, such as severity=critical' } : { match }
}

function isPattern(written: string): boolean {
  try {
    return new RegExp(written.slice(1, -1)).source !== ''
  } catch {
    return false
  }
}

/** Writes matchers so that they can be read again. */
export function writeMatch(match: Match): string {
  return Object.entries(match)
    .map(([name, value]) => `${name}=${/^\/.*\/$/.test(value) || /^[^\s,"]*$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`}`)
    .join(' ')
}
