import type { JSX } from 'preact'
import type { Dialog } from '../desk.ts'
import { MembersDialog } from '../room/MembersDialog.tsx'
import { RoomSettingsDialog } from '../room/RoomSettingsDialog.tsx'
import { ArmDialog } from './ArmDialog.tsx'
import { Ask } from './Ask.tsx'
import { DirectDialog } from './DirectDialog.tsx'
import { DirectoryDialog } from './DirectoryDialog.tsx'
import { Help } from './Help.tsx'
import { NewRoomDialog } from './NewRoomDialog.tsx'
import { Palette } from './Palette.tsx'
import { RaiseDialog } from './RaiseDialog.tsx'

/** DialogOf is the view of each dialog. */
export function DialogOf(props: { readonly dialog: Dialog }): JSX.Element {
  const { dialog } = props
  switch (dialog.kind) {
    case 'palette':
      return <Palette />
    case 'help':
      return <Help />
    case 'arm':
      return <ArmDialog />
    case 'newRoom':
      return <NewRoomDialog />
    case 'directory':
      return <DirectoryDialog />
    case 'direct':
      return <DirectDialog />
    case 'raise':
      return <RaiseDialog />
    case 'members':
      return <MembersDialog room={dialog.room} />
    case 'roomSettings':
      return <RoomSettingsDialog room={dialog.room} />
    case 'ask':
      return <Ask key={dialog.question.title} question={dialog.question} />
    default:
      return dialog satisfies never
  }
}
