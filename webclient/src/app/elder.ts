import { ref } from 'vue'

const STORED = 'ruqi.elder'

/** 长辈版: the root font grows by 30 % and everything measured in rem with it. */
export const elder = ref(localStorage.getItem(STORED) === '1')

export function setElder(on: boolean): void {
  elder.value = on
  localStorage.setItem(STORED, on ? '1' : '0')
  document.documentElement.classList.toggle('elder', on)
}

export const restoreElder = () => setElder(elder.value)
