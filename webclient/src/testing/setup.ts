import 'fake-indexeddb/auto'
import { configure } from '@testing-library/dom'
import { beforeEach } from 'vitest'
import { loadAreas, loadReasons, useLanguage } from '../words/i18n'

// A busy machine may take longer than a second to show something; what never comes still fails.
configure({ asyncUtilTimeout: 5000 })
await loadAreas(['account', 'inspector', 'enterprise', 'supervisor', 'administrator', 'camera', 'landing', 'door', 'phones', 'plaques', 'law', 'rules'])
await loadReasons()
beforeEach(() => useLanguage('zh'))
