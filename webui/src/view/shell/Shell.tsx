import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { preload } from '../routes.tsx'
import { useClient, useDesk } from '../context.ts'
import { phone } from '../parts/media.ts'
import { Banners } from './Banner.tsx'
import { Dialogs, preloadDialogs } from './Dialogs.tsx'
import { useKeys } from './keys.ts'
import { Rail } from './Rail.tsx'
import { Strip } from './Strip.tsx'
import { Tabs } from './Tabs.tsx'
import { Toasts } from './Toasts.tsx'

/** Shell is what surrounds every page of somebody who is signed in. */
export function Shell(props: { readonly children: ComponentChildren }): JSX.Element {
  const { store } = useClient()
  const desk = useDesk()
  useKeys()
  useEffect(() => {
    preload()
    preloadDialogs()
  }, [])
  const classes = ['app', store.route.value.page === 'home' ? 'at-rooms' : '', desk.typing.value ? 'typing' : ''].join(' ')
  return (
    <div class={classes}>
      <Banners />
      <Strip />
      <Rail />
      {props.children}
      {phone.value && <Tabs />}
      <Toasts />
      <Dialogs />
    </div>
  )
}
