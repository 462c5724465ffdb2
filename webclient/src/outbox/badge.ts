import { ref } from 'vue'

/** How many items of the signed-in person wait; apart from the outbox itself so that the navigation need not load it. */
export const waitingCount = ref(0)
