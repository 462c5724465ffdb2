import 'fake-indexeddb/auto'
import { configure } from '@testing-library/dom'
import { beforeEach } from 'vitest'
import '../app/observe'
import { tellReasonsBy } from '../api/problem'
import { loadAreas, useLanguage } from '../words/i18n'
import { loadReasons } from '../words/refusals'

// A busy machine may take longer than a second to show something; what never comes still fails.
configure({ asyncUtilTimeout: 5000 })
await loadAreas([
  'account',
  'inspector',
  'enterprise',
  'supervisor',
  'administrator',
  'camera',
  'landing',
  'door',
  'phones',
  'plaques',
  'policy',
  'planning',
  'standing',
  'verdict',
])
tellReasonsBy(loadReasons)
await loadReasons()
beforeEach(() => useLanguage('zh'))
