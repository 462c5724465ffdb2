export const account = {
  title: 'Account', who: 'Signed in', role: 'Role', agency: 'Agency', region: 'Region', enterprise: 'Enterprise', certificate: 'Certificate', display: 'Display', language: 'Language', elderHint: 'Larger type, larger buttons.',
  phones: 'My phones', devices: 'Signed-in devices', thisDevice: 'this device', lastUsed: 'Last used {at}', revoke: 'Sign out device', revokeConfirm: '“{label}” will have to sign in again.', revoked: 'Signed out.',
  password: 'Change password', current: 'Current password', next: 'New password', nextHint: 'At least 10 characters of two kinds: letters, digits, signs.', changed: 'Password changed.', signOut: 'Sign out',
  waitingTitle: '{n} items have not been sent', waiting: 'They stay on this device and are sent only when you sign in again.', signOutAnyway: 'Sign out anyway', toOutbox: 'Go and send them', badRepeat: 'The two entries differ.', repeat: 'New password again',
}
