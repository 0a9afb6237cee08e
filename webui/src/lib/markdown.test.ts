import { expect, test } from 'vitest'
import { type Block, type Inline, flat, parse } from './markdown.ts'

const origin = 'https://watch.example'
const inlines = (source: string): readonly Inline[] => {
  const [block] = parse(source, { origin })
  return block?.t === 'paragraph' ? block.children : []
}

// Everyday marks become nodes, and line breaks stay.
test('everyday marks', () => {
  expect(inlines('a **b** *c* ~~d~~ `e`\nf')).toEqual([
    { t: 'text', text: 'a ' },
    { t: 'strong', children: [{ t: 'text', text: 'b' }] },
    { t: 'text', text: ' ' },
    { t: 'em', children: [{ t: 'text', text: 'c' }] },
    { t: 'text', text: ' ' },
    { t: 'del', children: [{ t: 'text', text: 'd' }] },
    { t: 'text', text: ' ' },
    { t: 'code', text: 'e' },
    { t: 'break' },
    { t: 'text', text: 'f' },
  ])
})

// HTML, in a line or as a block, is shown as the text that it is.
test('html is text', () => {
  expect(flat(parse('a <img src=x onerror=alert(1)> b'))).toBe('a <img src=x onerror=alert(1)> b')
  expect(flat(parse('<script>alert(1)</script>\n\nafter'))).toBe('<script>alert(1)</script> after')
  expect(flat(parse('<div>\n**x**\n</div>'))).toContain('<div>')
})

// Only http, https and mailto are ever linked; anything else is shown as it was written.
test('links', () => {
  for (const bad of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', '/relative', '&#106;avascript:alert(1)']) {
    expect(JSON.stringify(parse(`[a](${bad})`)), bad).not.toContain('"link"')
  }
  expect(inlines('[a](<java\nscript:x>)').some((n) => n.t === 'link')).toBe(false)
  expect(inlines('see https://x.example/a?b=1.')[1]).toEqual({ t: 'link', href: 'https://x.example/a?b=1', children: [{ t: 'text', text: 'https://x.example/a?b=1' }] })
  expect(inlines('ann@x.example')[0]).toMatchObject({ t: 'link', href: 'mailto:ann@x.example' })
  expect(inlines('![cat](https://x.example/c.png)')[0]).toEqual({ t: 'link', href: 'https://x.example/c.png', children: [{ t: 'text', text: 'cat' }] })
})

// People, rooms, incidents and this server's messages are recognised in words, and nowhere else.
test('references', () => {
  expect(inlines('hi @ann, see #ops.dev. and #142!')).toEqual([
    { t: 'text', text: 'hi ' },
    { t: 'mention', handle: 'ann' },
    { t: 'text', text: ', see ' },
    { t: 'room', name: 'ops.dev' },
    { t: 'text', text: '. and ' },
    { t: 'incident', number: 142 },
    { t: 'text', text: '!' },
  ])
  expect(inlines(origin + '/#/m/42')).toEqual([{ t: 'permalink', message: 42, text: origin + '/#/m/42' }])
  expect(inlines(origin + '/#/room/r_01J/m/42')[0]).toMatchObject({ t: 'permalink', message: 42 })
  expect(inlines(origin + '.evil.example/#/m/42')[0]?.t).toBe('link')
  expect(JSON.stringify(inlines('`@ann` x#ops a/#b'))).not.toMatch(/mention|"room"/)
})

// Blocks keep their structure, and a heading is a bold line.
test('blocks', () => {
  const blocks = parse('# T\n\n> q\n\n1. [x] a\n   - b\n\n```Go x\nf()\n```\n\n|h|\n|-:|\n|c|\n\n---')
  expect(blocks.map((b) => b.t)).toEqual(['paragraph', 'quote', 'list', 'code', 'table', 'rule'])
  expect(blocks[0]).toEqual({ t: 'paragraph', children: [{ t: 'strong', children: [{ t: 'text', text: 'T' }] }] })
  expect(blocks[2]).toMatchObject({ ordered: true, start: 1, items: [{ done: true }] })
  expect(blocks[3]).toEqual({ t: 'code', lang: 'go', text: 'f()' })
  expect(blocks[4]).toMatchObject({ head: [{ align: 'right' }] })
})

// Nesting ends at a limit: what is deeper, or endless, comes out as text, soon and without an error.
test('hostile nesting', () => {
  const depth = (blocks: readonly Block[]): number => Math.max(0, ...blocks.map((b) => (b.t === 'quote' ? 1 + depth(b.children) : 0)))
  expect(depth(parse('>'.repeat(30) + ' a'))).toBeLessThan(15)
  for (const unit of ['>', '> ', '[', '*a ', '**a *b ', '_a_', '`', '<', '![a](', '- ', '|a', '(', '&', '\\', 'a.', '~', '* - + ', '1. ', '[a]: ']) {
    const source = unit.repeat(64 * 1024 / unit.length)
    for (const text of [source, source.slice(0, 8000), source.slice(0, 8000).replaceAll(' ', '\n')]) {
      const begun = performance.now()
      const words = JSON.stringify(parse(text))
      expect(performance.now() - begun, unit).toBeLessThan(1000)
      expect(words.length, unit).toBeLessThan(text.length * 40 + 1000)
    }
  }
})

// A pasted log of any length keeps all its lines; fenced code in it stays code.
test('long texts', () => {
  const log = Array.from({ length: 2000 }, (_, i) => `line ${i} *x*`).join('\n')
  expect(flat(parse(log))).toContain('line 1999 *x*')
  expect(parse('see **this**\n```txt\n' + log + '\n```\nend')).toMatchObject([{ t: 'paragraph' }, { t: 'code', lang: 'txt', text: log }, { t: 'paragraph' }])
})
