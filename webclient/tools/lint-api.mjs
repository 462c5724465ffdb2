// The API's document as a second, independent reader understands it: the rules of OpenAPI that a schema cannot say too.
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core'

const rules = {
  struct: 'error',
  'no-unresolved-refs': 'error',
  'operation-operationId': 'error',
  'operation-operationId-unique': 'error',
  'operation-operationId-url-safe': 'error',
  'operation-summary': 'error',
  'operation-parameters-unique': 'error',
  'operation-2xx-response': 'error',
  'operation-4xx-response': 'error',
  'operation-4xx-problem-details-rfc7807': 'error',
  'operation-tag-defined': 'error',
  'path-parameters-defined': 'error',
  'path-declaration-must-exist': 'error',
  'path-not-include-query': 'error',
  'paths-kebab-case': 'off',
  'no-identical-paths': 'error',
  'no-enum-type-mismatch': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'no-required-schema-properties-undefined': 'error',
  'no-unused-components': 'error',
  'no-http-verbs-in-paths': 'off',
  'security-defined': 'error',
  'spec-components-invalid-map-name': 'error',
  'tags-alphabetical': 'error',
}
const config = await createConfig({ rules })
const problems = await lint({ ref: process.argv[2] ?? 'openapi.json', config })
const totals = getTotals(problems)
if (problems.length) formatProblems(problems, { format: 'codeframe', totals, version: '1' })
process.exit(totals.errors ? 1 : 0)
