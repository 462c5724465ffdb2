import { createApp } from 'vue'
import './vant.css'
import './style.css'
import App from './App.vue'
import { restoreElder } from './elder'
import { restoreLanguage } from './i18n'
import { router } from './router'
import { session } from './session'

restoreElder()
void restoreLanguage().then(() => createApp(App).use(router).mount('#app'))

// The outbox is the inspectors' alone; nobody else loads it.
if (session.me?.role === 'inspector') void import('./outbox/start').then(({ start }) => start())
