export const enterprise = {
  home: {
    show: 'Show my code', showHint: 'for the inspector to scan', meet: 'Scan the inspector', meetHint: 'see whether it is a real visit', phones: 'My phones', welcome: 'Done: this phone is enrolled.', hello: 'Hello', rate: 'Please rate', rateHint: 'Inspectors do not learn who rated.', rateNow: 'Rate', coming: 'Who is coming', now: 'On site now', noComing: 'No visit is registered for the coming days.', noComingHint: 'For a visit neither registered nor scanned you may ask to see the registration.', history: 'Past visits', year: 'Year', thisYear: '{n} visits this year', none: 'No visit in this year.', plaque: 'Our code', why: 'Why', who: 'Who', what: 'What',
  },
  visitPage: { verify: 'Check who is at the door', verifyHint: 'Name and number must match the certificate shown.', notYet: 'Not scanned yet; check before letting them in.', inside: 'Scanned {at}', allowed: 'Only these matters may be inspected', result: 'Outcome', pending: 'The record is not sealed yet.', rate: 'Rate this visit', yours: 'Your rating', cancelled: 'This visit will not take place.' },
  rate: {
    title: 'Rate this visit', intro: 'Each visit is rated once. Inspectors do not see who rated.', overall: 'How was the visit overall?', conduct: 'How were the inspectors’ manners and integrity?', lawfulness: 'Was it lawful and proper?', beyond: 'Was anything inspected beyond the list?', beyondYes: 'Yes, beyond the list', beyondNo: 'No, only the list', remark: 'Anything else?', left: '{n} characters left', submit: 'Send the rating', missing: 'Please answer: {fields}.', thanks: 'Thank you for rating', thanksText: 'Received {at}. A rating cannot be changed; it is used to supervise and improve inspections.', back: 'Back to home',
  },
}
