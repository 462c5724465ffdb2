export const inspector = {
  today: {
    greeting: 'Hello, {name}', scan: 'Scan in', scanHint: 'Tap here at the enterprise’s door', overdue: 'Overdue records', overdueHint: 'Until they are done only urgent visits may be registered.', now: 'Visits today', coming: 'Coming visits', late: 'Time passed, nobody scanned', lateHint: 'Scanned without signal? Go online to send it. Did not go? Cancel the registration.', none: 'No visit is registered for today.', noneHint: 'Register one first, or scan to look an enterprise up.',
    register: 'Register a visit', outbox: '{n} waiting to be sent', oldest: 'oldest {age}', refused: '{n} of them refused', certificate: 'Certificate {no}', validTo: 'valid to {on}', expired: 'Expired: no visit can be registered', expiring: 'expires in {n} days', dueAt: 'due by {at}',
  },
  register: {
    title: 'Register a visit', enterprise: 'Enterprise', find: 'Find by name or social credit code', scanPlaque: 'Scan its plaque', noEnterprise: 'Nothing found. Check the name, or scan the plaque.', changeEnterprise: 'Change enterprise',
    purpose: 'Purpose', basis: 'Basis', matters: 'Matters', findMatter: 'Find matters', mattersHint: 'Only matters of the published list.', chosen: '{n} chosen', inspectors: 'Inspectors', inspectorsHint: 'At least two, with valid certificates.', expired: 'certificate expired', me: 'you',
    joint: 'Joint agencies', jointHint: 'Several agencies in one single visit.', findAgency: 'Find an agency', helpers: 'Helpers', helperName: 'Name', helperOrganisation: 'Organisation', addHelper: 'Add a helper', helperHint: 'Experts, interpreters and so on; they may not inspect.', from: 'From', to: 'To', reason: 'Explanation',
    submit: 'Register', done: 'Registered; awaiting approval.', needEnterprise: 'Choose an enterprise.', needBasis: 'Choose a basis.', needMatters: 'Choose at least one matter.', needInspectors: 'Choose at least two inspectors.', needWindow: 'Fill in start and end.', fix: 'Please put these right first:', visitsThisYear: '{n} visits this year', thirdParty: 'not on your agency’s list',
  },
  visitPage: {
    scan: 'Scan in', record: 'Fill in the record', cancel: 'Cancel the visit', turnAway: 'Entry refused', amend: 'Amend the record', withdraw: 'Withdraw scan', withdrawTitle: 'Withdraw a mistaken scan', withdrawHint: 'The scan stays on the record as withdrawn.', cancelHint: 'You will have to register again.', ground: 'Ground for refusing', note: 'What happened',
    grounds: { no_code: 'No notice shown or no scan', unlisted: 'Matter not on the list', identity: 'Identity or certificate did not match', too_few: 'Fewer than two inspectors', over_cap: 'Over the cap, or a quiet day', other: 'Other' },
    amendText: 'Amendment', amendHint: 'The record stays as it is; the amendment is added to it.', waiting: '{n} items are waiting to be sent; what you see may be behind.',
  },
  scan: {
    title: 'Scan in', forVisit: 'Scan for “{name}”', anyVisit: 'Scan the plaque at the enterprise’s door',
    checking: 'Checking…', saidMore: 'Accepted; {n} more to scan', saidRefused: 'Refused. {why}',
    passed: 'Accepted: you may enter', savedOffline: 'Saved, not yet checked', savedOfflineText: 'The server cannot be reached. The scan of {at} is kept on this phone and sent as soon as it can be.', savedOfflineNext: 'The outcome will show in the outbox and on the visit.', refusedTitle: 'Refused', forgedLocal: 'The signature does not match on this phone; the code is very likely forged.',
    goRecord: 'Fill in the record', goVisit: 'Show the visit', again: 'Scan again', undo: 'Withdraw this scan', undone: 'Withdrawn.',
    choose: 'Choose the visit', chooseHint: 'There are {n} visits to scan for at this enterprise.', chooseOffline: 'No network: choose the visit you are scanning for', noVisit: 'No visit to this enterprise is registered for you', noVisitNext: 'A visit has to be registered first. If it is urgent, register an urgent one.', register: 'Register',
  },
  record: {
    title: 'Record', draft: 'Draft saved {at}', draftNone: 'Saved as you fill it in', checklist: 'Checklist', progress: '{n} of {m} answered', note: 'Note', allYes: 'All others of this matter comply', findings: 'Findings', addFinding: 'Add a finding', finding: 'Finding {n}', findingText: 'Description', findingMatter: 'Matter', general: 'Other', firstOffence: 'First minor offence, exempt from penalty',
    noFindings: 'Leave empty when there are none.', disposition: 'Disposition', advice: 'Advice', adviceHint: 'What to put right, and how.', heads: 'People on site', headsHint: 'Helpers included', minutes: 'Minutes on site', photos: 'Photos', addPhoto: 'Add photos', photoHint: 'Shrunk before sending', removePhoto: 'Remove photo {n}', photo: 'Photo {n}', seal: 'Seal the record', sealTitle: 'Seal it?', sealText: 'A sealed record cannot be changed, only amended. The enterprise will see and rate it.',
    sealed: 'Sealed', kept: 'Saved; it will be sent when you are online', missing: '{n} items are unanswered.', needDisposition: 'Choose a disposition.', needNumbers: 'Fill in people and minutes.', needFinding: 'A correction order, a case or a transfer needs a finding: describe it.', service: 'A service visit carries no findings.', uploading: 'Sending…', badPhoto: 'This image cannot be read; choose another.',
  },
  outbox: {
    title: 'Outbox', empty: 'Nothing is waiting.', emptyHint: 'Scans and records have all reached the server.', waiting: 'Waiting', held: 'Waits for the one before', sending: 'Sending', refused: 'Refused', sendNow: 'Send now', retry: 'Try again', discard: 'Delete', discardTitle: 'Delete this item?', discardText: 'It cannot be brought back, and the server will never get it.', fix: 'Go back and correct', kindScan: 'Scan', kindRecord: 'Record', kindEvidence: 'Photo', age: 'saved {age} ago', tries: '{n} tries', needSignIn: 'Sign in again to go on sending.',
    old: 'Something has waited for more than 24 hours; please go online soon.', minutes: '{n} min', hours: '{n} h', days: '{n} days', now: 'a moment', otherUser: 'This device also holds {n} items of another account; only that person can send them.', safari: 'Add this site to the home screen, so that the browser does not clear what is waiting.',
  },
}
