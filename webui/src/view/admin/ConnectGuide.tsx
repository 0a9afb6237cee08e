import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Section } from '../pages/Page.tsx'
import { Snippet } from '../parts/Snippet.tsx'
import { advice, type Given, isLocal, kindWords, snippets, type Where } from './snippets.ts'

const places: readonly { readonly value: Where; readonly words: string }[] = [
  { value: 'here', words: 'On this machine' },
  { value: 'container', words: 'In a container here' },
  { value: 'elsewhere', words: 'Elsewhere' },
]

/** ConnectGuide says what to paste into the sender, with an address that it reaches from where it runs. It holds the key, which is shown this once. */
export function ConnectGuide(props: { readonly given: Given; readonly name: string }): JSX.Element {
  const { given } = props
  const [where, setWhere] = useState<Where>(isLocal(given.url) ? 'here' : 'elsewhere')
  const told = advice(given.url, where)
  return (
    <Section title={`Connect ${kindWords(given.kind)}`}>
      <div class="once">
        <p>
          <strong>Paste it now:</strong> the key is shown this once. A lost one is replaced by rotating it.
        </p>
        <fieldset class="segments">
          <legend class="label">Where does the sender run?</legend>
          {places.map(({ value, words }) => (
            <label key={value} class="check">
              <input type="radio" name={`where-${props.name}`} checked={where === value} onChange={() => setWhere(value)} />
              {words}
            </label>
          ))}
        </fieldset>
        {told !== undefined && (
          <p class="notice high" role="note">
            <span>{told}</span>
          </p>
        )}
        <ol class="guide">
          {snippets(given, where).map(({ title, text }) => (
            <li key={title}>
              <h3>{title}</h3>
              <Snippet label={title} text={text} />
            </li>
          ))}
        </ol>
      </div>
    </Section>
  )
}
