export const verdict = {
  preview: {
    title: 'What the rules say', checking: 'Judging…', offline: 'The server cannot be reached, so nothing can be said yet; the rules judge when you register.', failed: 'This could not be judged: {why}', assumed: 'No basis is chosen yet; judged as part of the yearly plan for now.', open: 'See why',
    unfinished: 'Not filled in yet', ok: 'May be registered', warn: 'A reason is needed', claimed: 'May be registered, needs a second person', block: 'Not allowed',
    okHint: 'No rule speaks against it.', warnHint: 'Rules that ask for a written reason: {n}. Fill in the explanation below.', claimedHint: 'Rules against it: {n}. You claim an exception: somebody else decides, and nobody may inspect before.', blockHint: 'Rules against it: {n}. See below.',
    policy: 'Policy pack {name}',
  },
  line: { why: 'Source: {source}', preset: 'preset', block: 'Not allowed', warn: 'Needs a reason', noted: 'Duties to keep: {n}', passed: 'Rules met: {n}', fixed: 'There is no exception to this rule and nobody can lift it; change the registration.' },
  claim: {
    legend: 'Claim an exception', none: 'No exception', option: '{title} (decided by the {who})', evidence: 'Evidence', evidenceHint: 'State: {what}', decides: 'Once registered, the {who} decides; never the person who registers.', head: 'head of agency', supervisor: 'supervisor',
    needEvidence: 'Write the evidence for the exception (4 characters or more).',
  },
  reason: { required: 'Explanation (required)', why: 'Because:', missing: 'Write the explanation.' },
  year: { title: '{year} so far', visits: '{visits} visits took place, {planned} more are registered', heads: 'People at the door', headsValue: '{n}', hours: 'Attention spent', hoursOf: '{n} of {m} person-hours', hoursValue: '{n} person-hours', times: '{n} of {m}', full: 'cap reached', caps: 'Caps' },
  days: { title: 'Days that would do', hint: 'Tap one and the window moves to that day.', none: 'No day within 60 that every rule accepts.', moved: 'The window is now {window}', button: 'Move to {day}' },
  join: { title: 'Others are going there too', hint: 'What can be one visit should be one.', same: 'the same day', apart: '{n} days apart' },
  reuse: { title: 'Results that can be used again', line: '{agency}, {on}: {matters}' },
  offSite: { legend: 'How it is inspected', title: 'Off-site inspection', can: 'The matters chosen can be inspected off site: do not enter when you need not.', onSite: 'On site', materials: 'Off site (materials)', video: 'Off site (video)', askedFor: 'What the enterprise should prepare', askedForHint: 'Name the materials and their due day, or the time and subject of the video.' },
  card: {
    title: 'What the rules say', none: 'Nothing blocks or warns.', claim: 'Exception claimed: {title}', evidence: 'Evidence: {text}', waits: 'To be decided by the {who}', lifted: '{by} granted the exception', refused: '{by} refused the exception', because: '{at}: {why}', sealing: 'judged when the record was sealed',
    lift: 'Grant', keep: 'Refuse', liftTitle: 'Grant this exception?', keepTitle: 'Refuse this exception?', forever: 'Your decision and its reason are kept for ever, in sight of every supervisor.', standing: 'A block has not been lifted, so this visit cannot be approved now:', standingHint: 'The {who} must decide on the exception first.', toVisit: 'Decide on the exception',
    presence: 'Presence demanded', tier: 'Tier', askedFor: 'Please prepare',
  },
  late: { label: 'Late entry', text: 'This visit was registered after it had begun.', open: 'The enterprise has not confirmed it yet', confirmed: 'The enterprise confirms it took place', denied: 'The enterprise says it did not take place', ask: 'This visit was entered late. Did it really take place?', yes: 'It took place', no: 'It did not', yesTitle: 'Confirm that it took place?', noTitle: 'Confirm that it did not take place?', noText: 'Supervisors will see your answer.' },
  penalty: { label: 'Why it is penalised after all', hint: 'A finding is on the list of first offences; a case or a transfer needs the reason.', find: 'Find in the list of first offences', act: 'The act on the list', open: 'Not on the list, or not sure' },
  material: { title: 'Please send your materials', asked: 'Please prepare: {text}', text: 'In words', file: 'Add a file (photo or PDF)', send: 'Send the materials', need: 'Write something, or add a file.', sent: 'What the enterprise sent', none: 'The enterprise has sent nothing yet.', thanks: 'Sent.', by: '{by}, {at}', files: '{n} files added' },
  ground: { title: 'When you may refuse entry', only: 'Only in these cases; otherwise you must cooperate.' },
}
