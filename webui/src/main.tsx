import './view/tokens.css' // first: it says in which order the layers count
import './view/parts.css'
import './view/layout.css'
import './view/shell/shell.css'
import './view/room/room.css'
import './view/incident/incident.css'
import './view/pages/pages.css'
import './view/oncall/oncall.css'
import './view/admin/admin.css'
import { render } from 'preact'
import { createBell } from './alarm/bell.ts'
import { createClient } from './state/client.ts'
import { App } from './view/App.tsx'
import { createDesk } from './view/desk.ts'
import { applyTheme } from './view/theme.ts'

applyTheme()
const root = document.getElementById('app')
if (root !== null) {
  const client = createClient()
  const bell = createBell(client)
  void client.start()
  bell.start()
  render(<App hands={{ client, bell, desk: createDesk() }} />, root)
}
