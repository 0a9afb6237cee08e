import { expect, test } from 'vitest'

const sources = import.meta.glob<string>(['./**/*.ts', './**/*.tsx', '!./**/*.test.*'], { query: '?raw', import: 'default', eager: true })

const floors = ['lib', 'wire', 'state', 'alarm', 'view'] as const

function floorOf(path: string): number {
  const at = floors.findIndex((f) => path.startsWith(`./${f}/`))
  return at < 0 ? floors.length : at
}

/** The file that an import from a file means, as a path like the keys of sources. */
function target(from: string, to: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of to.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

// A floor imports only itself and lower ones: lib, wire, state, alarm, view, main.
test('floors', () => {
  const wrong: string[] = []
  for (const [path, source] of Object.entries(sources)) {
    for (const [, to = ''] of source.matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)) {
      if (floorOf(target(path, to)) > floorOf(path)) wrong.push(`${path} imports ${to}`)
    }
    const framework = /from '(preact|@preact\/signals)(\/[^']*)?'/.exec(source)
    if (framework !== null && floorOf(path) < floors.indexOf('view')) wrong.push(`${path} imports ${framework[1]}`)
  }
  expect(wrong).toEqual([])
})

// Nothing is ever written into the page as HTML, and nothing escapes the compiler.
test('no way around', () => {
  const wrong: string[] = []
  for (const [path, source] of Object.entries(sources)) {
    const found = /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|eval)\b|@ts-ignore|@ts-expect-error|: any\b|\bas any\b|\bas unknown\b/.exec(source)
    if (found !== null) wrong.push(`${path}: ${found[0]}`)
  }
  expect(wrong).toEqual([])
})
