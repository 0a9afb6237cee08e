import { render } from 'preact'

export function Title() {
  return <h1>Watchroom</h1>
}

const root = document.getElementById('app')
if (root !== null) {
  render(<Title />, root)
}
