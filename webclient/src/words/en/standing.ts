export const standing = {
  quiet: { title: 'Quiet days of your choice', hint: 'Days a month you may choose: {n}. As a rule nobody inspects on them. Days of notice: {notice}.', none: 'None chosen.', add: 'Choose this day', day: 'Day', giveUp: 'Give up {on}', noFloating: 'The rules here know no chosen quiet days.', done: 'Saved.' },
  tiers: { title: 'Tiers so far', none: 'No tier was ever set.', line: 'risk {risk} · credit {credit}', all: 'all departments', since: 'since {on}', set: 'Set a tier', risk: 'Risk', low: 'low', medium: 'medium', high: 'high', credit: 'Credit', department: 'Department (empty: all)', sinceOn: 'Since', because: 'Because', save: 'Save', rejudged: 'Saved; planned visits judged anew: {n}.', need: 'Fill in day and reason.', tier: 'Tier {tier}' },
}
