import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { session, signedIn } from '../api/session'
import type { Role } from '../api/types'
import { loadAreas, type Key } from '../words/i18n'
import type { Area } from '../words/zh'
import { homeOf, type RouteName } from './routes'

declare module 'vue-router' {
  interface RouteMeta {
    title?: Key
    roles?: readonly Role[]
    /** Reached without signing in. */
    open?: boolean
    /** Which words it needs besides the common ones. */
    areas?: readonly Area[]
  }
}

const route = (
  name: RouteName,
  path: string,
  title: Key,
  roles: readonly Role[] | null,
  areas: readonly Area[],
  component: RouteRecordRaw['component'],
): RouteRecordRaw =>
  ({ name, path, component, props: path.includes(':'), meta: roles ? { title, roles, areas } : { title, areas } }) as RouteRecordRaw

const ENTERPRISE = ['enterprise'] as const
const INSPECTOR = ['inspector'] as const

const routes: RouteRecordRaw[] = [
  { name: 'home', path: '/', redirect: () => ({ name: session.me ? homeOf(session.me.role) : 'signin' }) },
  {
    name: 'signin',
    path: '/signin',
    component: () => import('../pages/shared/SignInPage.vue'),
    meta: { title: 'route.signin', open: true },
  },
  {
    name: 'code',
    path: '/e/:digits',
    component: () => import('../pages/public/CodePage.vue'),
    props: true,
    meta: { title: 'route.code', open: true, areas: ['landing'] },
  },
  {
    name: 'enrol',
    path: '/enrol',
    component: () => import('../pages/public/EnrolPage.vue'),
    meta: { title: 'route.signin', open: true, areas: ['phones', 'camera'] },
  },
  route('account', '/account', 'route.account', null, ['account'], () => import('../pages/shared/AccountPage.vue')),

  route('phones', '/phones', 'phones.list.title', ['enterprise', 'inspector'], ['phones'], () => import('../pages/shared/PhonesPage.vue')),

  route('today', '/today', 'route.today', INSPECTOR, ['inspector'], () => import('../pages/inspector/TodayPage.vue')),
  route(
    'register',
    '/register',
    'inspector.register.title',
    INSPECTOR,
    ['inspector', 'verdict', 'planning'],
    () => import('../pages/inspector/RegisterPage.vue'),
  ),
  route(
    'scan',
    '/scan',
    'route.scan',
    INSPECTOR,
    ['door', 'inspector', 'supervisor', 'camera'],
    () => import('../pages/inspector/ScanPage.vue'),
  ),
  route(
    'visit-scan',
    '/visits/:id/scan',
    'route.scan',
    INSPECTOR,
    ['door', 'inspector', 'supervisor', 'camera'],
    () => import('../pages/inspector/ScanPage.vue'),
  ),
  route(
    'record',
    '/visits/:id/record',
    'route.record',
    INSPECTOR,
    ['inspector', 'verdict'],
    () => import('../pages/inspector/RecordPage.vue'),
  ),
  route(
    'visit-code',
    '/visits/:id/code',
    'phones.code.title',
    INSPECTOR,
    ['phones', 'door'],
    () => import('../pages/inspector/VisitCodePage.vue'),
  ),
  route('outbox', '/outbox', 'route.outbox', INSPECTOR, ['inspector'], () => import('../pages/inspector/OutboxPage.vue')),

  route(
    'approvals',
    '/approvals',
    'route.approvals',
    ['head'],
    ['supervisor', 'inspector', 'verdict'],
    () => import('../pages/head/ApprovalsPage.vue'),
  ),
  route('unit', '/unit', 'route.unit', ['head'], ['supervisor', 'policy'], () => import('../pages/head/UnitPage.vue')),

  route(
    'enterprise',
    '/enterprise',
    'route.enterprise',
    ENTERPRISE,
    ['enterprise'],
    () => import('../pages/enterprise/EnterpriseHomePage.vue'),
  ),
  route(
    'enterprise-plaque',
    '/enterprise/plaque',
    'plaques.mine.title',
    ENTERPRISE,
    ['plaques'],
    () => import('../pages/enterprise/PlaquePage.vue'),
  ),
  route(
    'living-code',
    '/enterprise/code',
    'phones.code.title',
    ENTERPRISE,
    ['phones', 'door'],
    () => import('../pages/enterprise/LivingCodePage.vue'),
  ),
  route(
    'meet',
    '/enterprise/meet',
    'door.meet.title',
    ENTERPRISE,
    ['phones', 'door', 'camera'],
    () => import('../pages/enterprise/MeetPage.vue'),
  ),
  route('rate', '/visits/:id/rate', 'route.rate', ENTERPRISE, ['enterprise'], () => import('../pages/enterprise/RatePage.vue')),
  // One address for everybody, two pages: the enterprise's never loads what the others need. Signing out reloads the app.
  route(
    'visit',
    '/visits/:id',
    'route.visit',
    ['inspector', 'head', 'supervisor', 'enterprise'],
    ['inspector', 'supervisor', 'enterprise', 'verdict', 'door', 'phones', 'plaques'],
    () =>
      session.me?.role === 'enterprise' ? import('../pages/enterprise/EnterpriseVisitPage.vue') : import('../pages/shared/VisitPage.vue'),
  ),

  route(
    'frequency',
    '/frequency',
    'supervisor.frequency.title',
    ['supervisor', 'head'],
    ['supervisor'],
    () => import('../pages/supervisor/FrequencyPage.vue'),
  ),
  route(
    'door-reports',
    '/door-reports',
    'door.list.title',
    ['supervisor'],
    ['door'],
    () => import('../pages/supervisor/DoorReportsPage.vue'),
  ),
  route(
    'overview',
    '/overview',
    'supervisor.overview.title',
    ['supervisor', 'head'],
    ['supervisor', 'door'],
    () => import('../pages/supervisor/OverviewPage.vue'),
  ),
  route('visits', '/visits', 'route.visits', ['supervisor', 'head'], ['supervisor'], () => import('../pages/supervisor/VisitsPage.vue')),
  route(
    'policy',
    '/policy/:part?',
    'route.policy',
    ['supervisor', 'head', 'inspector'],
    ['policy', 'planning', 'verdict'],
    () => import('../pages/policy/PolicyPage.vue'),
  ),
  { path: '/law/:part?', redirect: ({ params }) => ({ name: 'policy', params }) },

  route(
    'imports',
    '/imports',
    'administrator.imports.title',
    ['administrator'],
    ['administrator'],
    () => import('../pages/administrator/ImportsPage.vue'),
  ),
  route(
    'plaques',
    '/plaques',
    'administrator.plaques.title',
    ['administrator'],
    ['administrator', 'supervisor', 'plaques', 'phones'],
    () => import('../pages/administrator/PlaquesPage.vue'),
  ),
  route(
    'accounts',
    '/accounts',
    'administrator.accounts.title',
    ['administrator'],
    ['administrator', 'supervisor'],
    () => import('../pages/administrator/AccountsPage.vue'),
  ),
  {
    name: 'missing',
    path: '/:rest(.*)*',
    component: () => import('../pages/shared/MissingPage.vue'),
    meta: { title: 'route.missing', open: true },
  },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach((to) => {
  if (to.meta.open || to.name === 'home') return
  if (!session.me || !signedIn()) {
    // An inspector without signal keeps the pages: the session is settled when the network is back.
    if (session.me?.role === 'inspector' && !navigator.onLine) return
    return { name: 'signin', query: { next: to.fullPath } }
  }
  if (to.meta.roles && !to.meta.roles.includes(session.me.role))
    return { name: 'missing', params: { rest: to.path.slice(1).split('/') }, query: { role: '1' }, replace: true }
})

// Beside the page's own code, so that neither waits for the other.
router.beforeResolve((to) => loadAreas(to.meta.areas ?? []))

// A chunk of a replaced version is gone from the server: load the page afresh, once.
router.onError((_error, to) => {
  if (!navigator.onLine || sessionStorage.getItem('ruqi.reloaded') === to.fullPath) return
  sessionStorage.setItem('ruqi.reloaded', to.fullPath)
  location.assign(to.fullPath)
})
