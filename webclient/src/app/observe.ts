// Lets Vue hear of the cells that the plain rooms keep: what reads one is shown anew when it changes.
import { shallowRef, triggerRef } from 'vue'
import { observeWith } from '../api/cell'

observeWith(() => {
  const heard = shallowRef()
  return { read: () => void heard.value, changed: () => triggerRef(heard) }
})
