// A tone and a sentence for somebody whose eyes are elsewhere. Silence where a browser has no voice; never an error.
import { buzz } from './buzz'

export type Outcome = 'yes' | 'no' | 'kept'

const STORED = 'ruqi.muted'
const VIBRATIONS: Record<Outcome, number[]> = { yes: [80], no: [80, 60, 80, 60, 200], kept: [80, 60, 80] }
/** Hertz, one after the other: up for yes, down for no. */
const TONES: Record<Outcome, number[]> = { yes: [880, 1320], no: [330, 220], kept: [660] }
const TONE_S = 0.14
const SPEECH_AFTER_MS = 350

let context: AudioContext | null = null
let pending: ReturnType<typeof setTimeout> | undefined

export function isMuted(): boolean {
  return localStorage.getItem(STORED) === '1'
}

export function setMuted(muted: boolean): void {
  localStorage.setItem(STORED, muted ? '1' : '0')
  if (muted) hush()
  else wakeSound()
}

/** To be called on a tap: phones let nothing sound that no tap has asked for. */
export function wakeSound(): void {
  if (isMuted()) return
  quietly(() => {
    context ??= new AudioContext()
    if (context.state === 'suspended') context.resume().catch(() => undefined)
  })
  quietly(() => {
    // The list of voices comes late on the first call.
    speechSynthesis.getVoices()
    speechSynthesis.speak(new SpeechSynthesisUtterance(''))
  })
}

export function signal(outcome: Outcome, sentence: string, language: 'zh' | 'en'): void {
  quietly(() => buzz(...VIBRATIONS[outcome]))
  if (isMuted()) return
  quietly(() => play(TONES[outcome]))
  clearTimeout(pending)
  pending = setTimeout(() => quietly(() => speak(sentence, language)), SPEECH_AFTER_MS)
}

/** Stops what is being said. */
export function hush(): void {
  clearTimeout(pending)
  quietly(() => speechSynthesis.cancel())
}

function play(tones: readonly number[]): void {
  context ??= new AudioContext()
  tones.forEach((hertz, place) => {
    const from = context!.currentTime + place * TONE_S
    const tone = context!.createOscillator()
    const loudness = context!.createGain()
    tone.frequency.value = hertz
    loudness.gain.setValueAtTime(0.25, from)
    loudness.gain.exponentialRampToValueAtTime(0.001, from + TONE_S)
    tone.connect(loudness).connect(context!.destination)
    tone.start(from)
    tone.stop(from + TONE_S)
  })
}

function speak(sentence: string, language: 'zh' | 'en'): void {
  const voices = speechSynthesis.getVoices().filter((voice) => voice.lang.toLowerCase().startsWith(language))
  const own = voices.find((voice) => voice.localService)
  // Other voices are made by a foreign server, which would hear what happened here.
  if (voices.length && !own) return
  const utterance = new SpeechSynthesisUtterance(sentence)
  utterance.lang = own?.lang ?? (language === 'zh' ? 'zh-CN' : 'en-US')
  if (own) utterance.voice = own
  speechSynthesis.cancel()
  speechSynthesis.speak(utterance)
}

/** Some web views have no AudioContext or no speech, others throw where they should be silent. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    /* The result stands on the page and is read out by its role. */
  }
}
