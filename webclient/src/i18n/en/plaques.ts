export const plaques = {
  add: { offer: 'This enterprise is not on the platform yet.', button: 'Add this enterprise', title: 'Add an enterprise', uscc: 'Unified social credit code', doubtful: 'The check character disagrees: compare it with the licence. It may be added all the same.', name: 'Name, as on the licence', region: 'County or district', choose: 'Choose', address: 'Address', need: 'Give the name and choose the county.', save: 'Add it, then register the visit' },
}
