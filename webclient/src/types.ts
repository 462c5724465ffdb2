// The one place that names the server's shapes; everything else imports from here, so a regenerated
// `api.types.ts` is checked against the whole client by the type check alone.
import type { components } from './api.types'

type Schemas = components['schemas']

export type Me = Schemas['Me']
export type Session = Schemas['Session']
export type Device = Schemas['Device']
export type AgencyRef = Schemas['AgencyRef']
export type EnterpriseRef = Schemas['EnterpriseRef']
export type InspectorRef = Schemas['InspectorRef']
export type Region = Schemas['Region']
export type Agency = Schemas['Agency']
export type Matter = Schemas['Matter']
export type Enterprise = Schemas['Enterprise']
export type EnterpriseDetail = Schemas['EnterpriseDetail']
export type EnterpriseYear = Schemas['EnterpriseYear']
export type Plaque = Schemas['Plaque']
export type CodeAnswer = Schemas['CodeAnswer']
export type Helper = Schemas['Helper']
export type VisitRow = Schemas['VisitRow']
export type Visit = Schemas['Visit']
export type VisitInspector = Schemas['VisitInspector']
export type Approval = Schemas['Approval']
export type Scan = Schemas['Scan']
export type Place = Schemas['Place']
export type ScanAnswer = Schemas['ScanAnswer']
export type VisitEvent = Schemas['Event']
export type Evidence = Schemas['Evidence']
export type VisitRecord = Schemas['Record']
export type RecordAnswer = Schemas['AnswerIn']
/** What a changing call answers: enough to go on with, the rest is read afresh. */
export type VisitState = Schemas['VisitState']
export type Finding = Schemas['Finding']
export type Evaluation = Schemas['Evaluation']
export type FrequencyRow = Schemas['FrequencyRow']
export type FrequencyTotals = Schemas['FrequencyTotals']
export type FrequencyMonth = Schemas['FrequencyMonth']
export type Overview = Schemas['Overview']
/** What a visit is planned to be: asked about before it is registered, and registered under an id. */
export type Planned = Schemas['PlannedIn']
export type VisitIn = Schemas['VisitIn']
export type Claim = Schemas['ClaimIn']
export type Preview = Schemas['Preview']
export type Verdict = Schemas['Verdict']
export type KeptVerdict = Schemas['KeptVerdict']
export type Outcome = Schemas['Outcome']
export type Import = Schemas['Import']
export type ImportKind = Import['kind']
export type Account = Schemas['Account']

export type Role = Me['role']
export type Stage = VisitRow['stage']
export type Purpose = VisitRow['purpose']
export type Basis = VisitRow['basis']
export type Disposition = VisitRecord['disposition']
export type ScanMethod = Scan['method']
export type Presence = NonNullable<Scan['presence']>
export type ChecklistAnswer = RecordAnswer['answer']
export type VisitAction = Visit['actions'][number]

export interface Listing<T> {
  items: T[]
  next_cursor: string | null
}
