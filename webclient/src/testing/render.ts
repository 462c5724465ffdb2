import { createApp, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { onTestFinished } from 'vitest'
import { within } from '@testing-library/dom'
import type { RouteName } from '../app/routes'

const NAMES: RouteName[] = [
  'home',
  'signin',
  'account',
  'visit',
  'scan',
  'visit-scan',
  'record',
  'outbox',
  'register',
  'today',
  'rate',
  'enterprise',
  'visits',
  'frequency',
  'policy',
  'phones',
  'enrol',
  'living-code',
  'meet',
  'visit-code',
  'overview',
]

/** Shows a page as a person meets it; the routes around it are there but empty. */
export async function show(page: Component, props: Record<string, unknown> = {}, at = '/') {
  const routes = NAMES.map((name) => ({
    name,
    path: name === 'home' ? '/' : name === 'policy' ? '/policy/:part?' : `/${name}/:id?`,
    component: { template: '<i />' },
  }))
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push(at)
  const root = document.createElement('div')
  document.body.append(root)
  const app = createApp(page, props).use(router)
  app.mount(root)
  onTestFinished(() => {
    app.unmount()
    root.remove()
  })
  return { router, screen: within(root), root }
}
