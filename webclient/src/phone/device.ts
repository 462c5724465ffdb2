/** A name by which a person recognises the device in the list: "iPhone · 微信". */
export function deviceLabel(agent: string): string {
  const machine = /iPhone|iPad|HarmonyOS|Android|Macintosh|Windows|Linux/.exec(agent)?.[0] ?? 'Web'
  const browser = (
    [
      ['MicroMessenger', '微信'],
      ['Edg', 'Edge'],
      ['Firefox', 'Firefox'],
      ['Chrome', 'Chrome'],
      ['Safari', 'Safari'],
    ] as const
  ).find(([mark]) => agent.includes(mark))?.[1]
  return [machine === 'Macintosh' ? 'Mac' : machine, browser].filter(Boolean).join(' · ')
}
