import { createApp } from 'vue'
import './vant.css'
import './style.css'
import App from './App.vue'
import { restoreElder } from './elder'
import { restoreLanguage } from '../words/i18n'
import { router } from './router'
import { session } from '../api/session'
import { keepOffline } from './updates'

restoreElder()
void restoreLanguage().then(() => createApp(App).use(router).mount('#app'))

// The outbox is the inspectors' alone; nobody else loads it.
if (session.me?.role === 'inspector') void import('./inspector').then(({ start }) => start())
// Nor does anybody else keep the pages, but an enterprise whose phone makes codes without a network.
if (session.me?.role === 'enterprise' && localStorage.getItem('ruqi.phone') === '1') void keepOffline().catch(() => undefined)
