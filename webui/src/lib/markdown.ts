import { Lexer, type Token, type Tokens } from 'marked'

/** A piece of a line. Text is always text: nothing here is ever read as HTML. */
export type Inline =
  | { readonly t: 'text'; readonly text: string }
  | { readonly t: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly t: 'code'; readonly text: string }
  | { readonly t: 'link'; readonly href: string; readonly children: readonly Inline[] } // http, https or mailto
  | { readonly t: 'mention'; readonly handle: string } // "@ann"; whether she exists is for the reader to say
  | { readonly t: 'room'; readonly name: string } // "#ops"
  | { readonly t: 'incident'; readonly number: number } // "#142"
  | { readonly t: 'permalink'; readonly message: number; readonly text: string } // to a message of this server
  | { readonly t: 'break' }

/** A block of a message. */
export type Block =
  | { readonly t: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly t: 'code'; readonly lang: string; readonly text: string }
  | { readonly t: 'quote'; readonly children: readonly Block[] }
  | { readonly t: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly Item[] }
  | { readonly t: 'table'; readonly head: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly t: 'rule' }

/** One item of a list; done is set on those with a box to tick. */
export interface Item {
  readonly done?: boolean
  readonly children: readonly Block[]
}

/** One cell of a table. */
export interface Cell {
  readonly align: 'left' | 'center' | 'right'
  readonly children: readonly Inline[]
}

/** What a reader of Markdown knows besides the text. */
export interface Context {
  readonly origin?: string // of this server, so that its permalinks are recognised
}

const maxLexed = 8_000 // characters; some inputs take the lexer quadratic time
const maxDepth = 12
const maxNodes = 4_000

/**
 * Reads a message's Markdown. Raw HTML comes out as text, only http, https and mailto become links, headings become
 * bold lines. What is nested too deep, or too long to be prose, comes out as plain text, with its fenced code kept.
 */
export function parse(source: string, context: Context = {}): readonly Block[] {
  const text = source.replaceAll('\r\n', '\n')
  if (text.length <= maxLexed) return lexed(text, context)
  return fences(text).flatMap((part): readonly Block[] => {
    if (part.lang !== undefined) return [{ t: 'code', lang: language(part.lang), text: part.text }]
    if (part.text.trim() === '') return []
    return part.text.length <= maxLexed ? lexed(part.text, context) : [plain(part.text)]
  })
}

/** The text of a message without its marks, on one line: for notifications and previews. */
export function flat(blocks: readonly Block[]): string {
  const inline = (nodes: readonly Inline[]): string => nodes.map(word).join('')
  const word = (n: Inline): string => {
    switch (n.t) {
      case 'text':
      case 'code':
      case 'permalink':
        return n.text
      case 'strong':
      case 'em':
      case 'del':
      case 'link':
        return inline(n.children)
      case 'mention':
        return '@' + n.handle
      case 'room':
        return '#' + n.name
      case 'incident':
        return `#${n.number}`
      case 'break':
        return ' '
      default:
        return n satisfies never
    }
  }
  const block = (b: Block): string => {
    switch (b.t) {
      case 'paragraph':
        return inline(b.children)
      case 'code':
        return b.text
      case 'quote':
        return flat(b.children)
      case 'list':
        return b.items.map((i) => flat(i.children)).join(', ')
      case 'table':
        return b.rows.map((r) => r.map((c) => inline(c.children)).join(' ')).join(', ')
      case 'rule':
        return ''
      default:
        return b satisfies never
    }
  }
  return blocks.map(block).join(' ').replace(/\s+/g, ' ').trim()
}

function lexed(text: string, context: Context): readonly Block[] {
  if (tooDeep(text)) return [plain(text)]
  try {
    const reader = new Reader(context)
    const blocks = reader.blocks(new Lexer({ gfm: true, breaks: true }).lex(text), 0)
    return reader.spent() ? [plain(text)] : blocks
  } catch (err) {
    if (err instanceof RangeError) return [plain(text)] // nested beyond the lexer's stack
    throw err
  }
}

/** Whether a line opens so many quotes or emphases at once that the lexer would spend its stack on them. */
function tooDeep(text: string): boolean {
  return /(?:>[ \t]*){40}/.test(text) || /[*_]{100}/.test(text)
}

/** Text that keeps its lines and nothing else. */
function plain(text: string): Block {
  return { t: 'paragraph', children: lines(text) }
}

function lines(text: string): readonly Inline[] {
  return text.split('\n').flatMap((line, i): readonly Inline[] => {
    const words: readonly Inline[] = line === '' ? [] : [{ t: 'text', text: line }]
    return i === 0 ? words : [{ t: 'break' }, ...words]
  })
}

function language(info: string | undefined): string {
  return /^[\w+#.-]{1,20}/.exec(info ?? '')?.[0]?.toLowerCase() ?? ''
}

interface Part {
  readonly text: string
  readonly lang?: string // of fenced code
}

/** Splits a long text at its outermost fences. */
function fences(text: string): readonly Part[] {
  const parts: Part[] = []
  let held: string[] = []
  let open: { readonly fence: string; readonly lang: string } | undefined
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
    if (open === undefined && mark !== null) {
      parts.push({ text: held.join('\n') })
      open = { fence: mark[1] ?? '', lang: (mark[2] ?? '').trim() }
      held = []
    } else if (open !== undefined && mark !== null && (mark[1] ?? '').startsWith(open.fence) && (mark[2] ?? '').trim() === '') {
      parts.push({ text: held.join('\n'), lang: open.lang })
      open = undefined
      held = []
    } else {
      held.push(line)
    }
  }
  parts.push(open === undefined ? { text: held.join('\n') } : { text: held.join('\n'), lang: open.lang })
  return parts
}

/** Turns the lexer's tokens into nodes of ours; it counts them, and stops where there are too many. */
class Reader {
  #nodes = 0
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  spent(): boolean {
    return this.#nodes > maxNodes
  }

  blocks(tokens: readonly Token[], depth: number): readonly Block[] {
    return tokens.flatMap((token) => this.#block(token, depth))
  }

  #block(any: Token, depth: number): readonly Block[] {
    this.#nodes++
    if (any.type === 'space' || this.spent()) return []
    if (depth > maxDepth) return [plain(any.raw.trimEnd())]
    const token = known(any)
    switch (token?.type) {
      case 'paragraph':
        return [{ t: 'paragraph', children: this.#inlines(token.tokens, depth) }]
      case 'heading':
        return [{ t: 'paragraph', children: [{ t: 'strong', children: this.#inlines(token.tokens, depth) }] }]
      case 'code':
        return [{ t: 'code', lang: language(token.lang), text: token.text }]
      case 'blockquote':
        return [{ t: 'quote', children: this.blocks(token.tokens, depth + 1) }]
      case 'list':
        return [this.#list(token, depth)]
      case 'table':
        return [this.#table(token, depth)]
      case 'hr':
        return [{ t: 'rule' }]
      case 'text':
        return [{ t: 'paragraph', children: token.tokens === undefined ? this.#words(token.text) : this.#inlines(token.tokens, depth) }]
      default:
        return any.raw.trim() === '' || any.type === 'checkbox' ? [] : [plain(any.raw.trimEnd())]
    }
  }

  #list(token: Tokens.List, depth: number): Block {
    const items = token.items.map((item): Item => {
      const children = this.blocks(item.tokens, depth + 1)
      return item.task ? { done: item.checked === true, children } : { children }
    })
    return { t: 'list', ordered: token.ordered, start: Number(token.start) || 1, items }
  }

  #table(token: Tokens.Table, depth: number): Block {
    const cells = (row: readonly Tokens.TableCell[]) =>
      row.map((c): Cell => ({ align: c.align ?? 'left', children: this.#inlines(c.tokens, depth) }))
    return { t: 'table', head: cells(token.header), rows: token.rows.map(cells) }
  }

  #inlines(tokens: readonly Token[], depth: number): readonly Inline[] {
    return tokens.flatMap((token) => this.#inline(token, depth + 1))
  }

  #inline(any: Token, depth: number): readonly Inline[] {
    this.#nodes++
    if (this.spent()) return []
    if (depth > maxDepth) return lines(any.raw)
    const token = known(any)
    switch (token?.type) {
      case 'text':
        return token.tokens === undefined ? this.#words(token.text) : this.#inlines(token.tokens, depth)
      case 'escape':
        return [{ t: 'text', text: token.text }]
      case 'strong':
      case 'em':
      case 'del':
        return [{ t: token.type, children: this.#inlines(token.tokens, depth) }]
      case 'codespan':
        return [{ t: 'code', text: token.text }]
      case 'br':
        return [{ t: 'break' }]
      case 'link':
        return this.#link(token, depth)
      case 'image':
        return this.#image(token)
      default:
        return lines(any.raw)
    }
  }

  #link(token: Tokens.Link, depth: number): readonly Inline[] {
    const href = safe(token.href)
    if (href === undefined) return lines(token.raw)
    const message = this.#permalink(href)
    if (message !== undefined) return [{ t: 'permalink', message, text: token.text }]
    return [{ t: 'link', href, children: unlinked(this.#inlines(token.tokens, depth)) }]
  }

  /** A picture from elsewhere is not fetched: that would tell its owner who reads. */
  #image(token: Tokens.Image): readonly Inline[] {
    const href = safe(token.href)
    if (href === undefined) return lines(token.raw)
    return [{ t: 'link', href, children: [{ t: 'text', text: token.text || href }] }]
  }

  #permalink(href: string): number | undefined {
    const { origin } = this.#context
    if (origin === undefined || !href.startsWith(origin + '/')) return undefined
    const found = /^\/?#\/(?:room\/[\w-]+\/)?m\/(\d{1,16})$/.exec(href.slice(origin.length))
    return found === null ? undefined : Number(found[1])
  }

  /** Finds mentions, rooms and incidents in plain words. */
  #words(text: string): readonly Inline[] {
    const out: Inline[] = []
    let at = 0
    for (const found of text.matchAll(/(?<![\p{L}\p{N}_/.@#&-])([@#])([a-z0-9][a-z0-9._-]{0,63})/giu)) {
      const name = (found[2] ?? '').replace(/[._-]+$/, '')
      if (found.index > at) out.push({ t: 'text', text: text.slice(at, found.index) })
      at = found.index + 1 + name.length
      out.push(reference(found[1] ?? '', name))
    }
    if (at < text.length) out.push({ t: 'text', text: text.slice(at) })
    this.#nodes += out.length
    return out
  }
}

function reference(mark: string, name: string): Inline {
  if (mark === '@') return { t: 'mention', handle: name.toLowerCase() }
  if (/^\d{1,9}$/.test(name)) return { t: 'incident', number: Number(name) }
  return { t: 'room', name: name.toLowerCase() }
}

type Known =
  | Tokens.Paragraph
  | Tokens.Heading
  | Tokens.Code
  | Tokens.Blockquote
  | Tokens.List
  | Tokens.Table
  | Tokens.Hr
  | Tokens.Text
  | Tokens.Escape
  | Tokens.Strong
  | Tokens.Em
  | Tokens.Del
  | Tokens.Codespan
  | Tokens.Br
  | Tokens.Link
  | Tokens.Image

const kinds: ReadonlySet<string> = new Set<Known['type']>([
  'paragraph', 'heading', 'code', 'blockquote', 'list', 'table', 'hr', 'text',
  'escape', 'strong', 'em', 'del', 'codespan', 'br', 'link', 'image',
])

/** The lexer lets its extensions make tokens of any type; we have none, so what has a known name has its shape. */
function isKnown(token: Token): token is Known {
  return kinds.has(token.type)
}

function known(token: Token): Known | undefined {
  return isKnown(token) ? token : undefined
}

/** A link's address when a reader may follow it. */
function safe(href: string): string | undefined {
  let url: URL
  try {
    url = new URL(href)
  } catch {
    return undefined
  }
  return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined
}

/** What stands inside a link is only shown: a link within a link could not be clicked. */
function unlinked(nodes: readonly Inline[]): readonly Inline[] {
  return nodes.flatMap((n): readonly Inline[] => {
    switch (n.t) {
      case 'link':
        return unlinked(n.children)
      case 'strong':
      case 'em':
      case 'del':
        return [{ t: n.t, children: unlinked(n.children) }]
      case 'mention':
        return [{ t: 'text', text: '@' + n.handle }]
      case 'room':
        return [{ t: 'text', text: '#' + n.name }]
      case 'incident':
        return [{ t: 'text', text: `#${n.number}` }]
      case 'permalink':
        return [{ t: 'text', text: n.text }]
      case 'text':
      case 'code':
      case 'break':
        return [n]
      default:
        return n satisfies never
    }
  })
}
