import { beforeEach, describe, expect, test, vi } from 'vitest'
import { hush, isMuted, setMuted, signal, wakeSound } from './sound'

type Voice = { lang: string; localService: boolean }
let spoken: { text: string; lang: string }[]
let tones: number[]

function withVoices(voices: Voice[]): void {
  spoken = []
  tones = []
  vi.stubGlobal('speechSynthesis', {
    getVoices: () => voices,
    cancel: vi.fn(),
    speak: (one: { text: string; lang: string }) => void (one.text && spoken.push({ text: one.text, lang: one.lang })),
  })
  vi.stubGlobal(
    'SpeechSynthesisUtterance',
    class {
      lang = ''
      voice = null
      constructor(readonly text: string) {}
    },
  )
  vi.stubGlobal(
    'AudioContext',
    class {
      currentTime = 0
      state = 'running'
      destination = {}
      createOscillator = () => ({
        frequency: {
          set value(hertz: number) {
            tones.push(hertz)
          },
        },
        connect: (next: object) => next,
        start: () => undefined,
        stop: () => undefined,
      })
      createGain = () => ({
        gain: { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined },
        connect: () => undefined,
      })
    },
  )
}

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers()
  return () => {
    hush()
    vi.useRealTimers()
  }
})

describe('the outcome of a scan', () => {
  test('where there is no voice and no sound is no error', () => {
    for (const name of ['speechSynthesis', 'SpeechSynthesisUtterance', 'AudioContext']) vi.stubGlobal(name, undefined)
    wakeSound()
    signal('yes', '核验通过', 'zh')
    vi.runAllTimers()
    hush()
  })

  test('sounds different for yes and no, and is spoken in the language of the page', () => {
    withVoices([
      { lang: 'en-US', localService: true },
      { lang: 'zh-CN', localService: true },
    ])
    signal('yes', '核验通过，还需 1 人扫码', 'zh')
    vi.runAllTimers()
    const yes = tones.splice(0)
    signal('no', 'Refused.', 'en')
    vi.runAllTimers()

    expect(yes.length).toBeGreaterThan(0)
    expect(tones).not.toEqual(yes)
    expect(spoken).toEqual([
      { text: '核验通过，还需 1 人扫码', lang: 'zh-CN' },
      { text: 'Refused.', lang: 'en-US' },
    ])
  })

  test('is spoken by whatever voice there is when the phone lists none', () => {
    withVoices([])
    signal('kept', '已保存', 'zh')
    vi.runAllTimers()
    expect(spoken).toEqual([{ text: '已保存', lang: 'zh-CN' }])
  })

  test('is never told to a voice on a foreign server', () => {
    withVoices([{ lang: 'zh-CN', localService: false }])
    signal('yes', '核验通过', 'zh')
    vi.runAllTimers()
    expect([spoken.length, tones.length > 0]).toEqual([0, true])
  })

  test('is silent when muted, and the choice is remembered', () => {
    withVoices([{ lang: 'zh-CN', localService: true }])
    setMuted(true)
    signal('yes', '核验通过', 'zh')
    vi.runAllTimers()
    expect([spoken, tones, isMuted(), localStorage.getItem('ruqi.muted')]).toEqual([[], [], true, '1'])

    setMuted(false)
    signal('yes', '核验通过', 'zh')
    vi.runAllTimers()
    expect(spoken).toHaveLength(1)
  })

  test('is not spoken to somebody who has left the page', () => {
    withVoices([{ lang: 'zh-CN', localService: true }])
    signal('yes', '核验通过', 'zh')
    hush()
    vi.runAllTimers()
    expect(spoken).toEqual([])
  })
})
