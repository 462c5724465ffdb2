export const landing = {
  title: 'Check a code',
  checking: 'Checking…',
  genuine: 'This plaque is genuine',
  of: 'It belongs to',
  issued: 'in use since {on}',
  forged: 'Warning: this code is forged',
  forgedNext: 'Do not let anyone in or pay anything on its account. Photograph it and report it.',
  revoked: 'This plaque has been revoked',
  unknown: 'This code is not known',
  what: 'What the code is for',
  whatText:
    'Every government inspection has to be registered first, scanned at the door with this code, ' +
    'recorded on the spot and rated by the enterprise. ' +
    'You may question a visit that was neither registered nor scanned.',
  scanHere: 'Scan in to your visit here',
  openMine: 'Open my home page',
  notMine: 'This is not your enterprise’s code.',
  inspectorIn: 'I am an inspector: sign in',
  enterpriseIn: 'I am the enterprise: sign in',
  forSupervisor: 'Show visits to this enterprise',
  offline: 'No network; signature checked on this phone:',
  offlineGood: 'valid',
  offlineBad: 'does not match',
  offlineUnknown: 'cannot be checked',
  revokedNext:
    'The old code counts no more; do not put it up. No inspector may come in on its account. ' +
    'The enterprise can get a new plaque from the administrator.',
  lost: 'The enterprise has reported this plaque lost and is looking for it.',
  found: 'I have found this plaque',
  foundTitle: 'Tell the enterprise that it was found',
  foundNote: 'Where it can be fetched (may stay empty)',
  foundHint: 'Please do not write your name or number.',
  foundSend: 'Tell the enterprise',
  thanks: 'Thank you! The enterprise can see it now.',
  thanksNext:
    'Please hand the plaque back to the enterprise, or to the nearest government service centre. It is revoked; do not put it up again.',
  slip: 'This is a one-time code on paper',
  slipText:
    'The code of a plaque’s sealed part enrols the enterprise’s phone; an enterprise without a phone has the inspector scan it. ' +
    'It counts once: do not pass a picture of it on.',
  slipEnrol: 'Enrol this phone with it',
  visit: 'This is the code on an inspector’s phone',
  visitText: 'Check it with the enterprise’s phone: who has come, what for, and whether both phones show the same words.',
  visitMeet: 'Check who has come',
  listedAt: 'The list of revoked plaques is of {at}.',
  offlineRevoked: 'revoked',
}
