import { createApp } from 'vue'
import './observe'
import './vant.css'
import './style.css'
import './cards.css'
import './forms.css'
import { tellReasonsBy } from '../api/problem'
import { session } from '../api/session'
import { restoreLanguage } from '../words/i18n'
import { loadReasons } from '../words/refusals'
import App from './App.vue'
import { restoreElder } from './elder'
import { router } from './router'
import { keepOffline, keepsPages } from './updates'

tellReasonsBy(loadReasons)
restoreElder()
void restoreLanguage().then(() => createApp(App).use(router).mount('#app'))

// The outbox is the inspectors' alone; nobody else loads it.
if (session.me?.role === 'inspector') void import('./inspector').then(({ start }) => start())
// Nor does anybody else keep the pages, but an enterprise whose phone makes codes without a network.
if (session.me?.role === 'enterprise' && keepsPages()) void keepOffline().catch(() => undefined)
