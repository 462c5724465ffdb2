import 'fake-indexeddb/auto'
import { beforeEach } from 'vitest'
import { loadAreas, loadReasons, useLanguage } from '../i18n'

await loadAreas(['account', 'inspector', 'enterprise', 'supervisor', 'administrator', 'landing', 'law', 'rules'])
await loadReasons()
beforeEach(() => useLanguage('zh'))
